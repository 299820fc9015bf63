import APIBindings
import APIMapping
import GRPC
import Storage

/// What a list can be ordered by, by the names of the .proto.
struct OrderKeys {
  /// Names and keys, the default first.
  let names: [(String, ListOrder.Key)]

  /// Configurations: their own id is "id".
  static let configurations = OrderKeys(
    names: [("id", .configurationID)]
      + [
        ListOrder.Key.modelID, .hardwareID, .engineID, .quantizationID, .concurrency,
        .inputTokens, .outputTokens,
      ].map { ($0.rawValue, $0) })
  /// Results: everything.
  static let results = OrderKeys(names: ListOrder.Key.allCases.map { ($0.rawValue, $0) })

  /// Reads a name, or "NAME asc" or "NAME desc"; empty for the configuration's id.
  func order(_ text: String) throws(RPCError) -> ListOrder {
    let words = text.split(separator: " ")
    guard let first = words.first else { return ListOrder() }
    let direction = words.count > 1 ? words[1] : "asc"
    guard let key = names.first(where: { $0.0 == first })?.1, words.count <= 2,
      ["asc", "desc"].contains(direction)
    else {
      let listed = names.map(\.0).joined(separator: ", ")
      throw .invalidArgument(
        field: "order_by",
        reason: "must be one of \(listed), with \" desc\" behind it for the largest first")
    }
    return ListOrder(key, descending: direction == "desc")
  }
}

extension StringView {
  /// A copy; nil when there is nothing in it.
  var nonEmpty: String? { isEmpty ? nil : string }
}
