import APIBindings
import APIMapping
import GRPC
import Storage

extension ListOrder {
  /// What configurations can be ordered by.
  static let configurationKeys: [ListOrder.Key] = [
    .configurationID, .modelID, .hardwareID, .engineID, .quantizationID, .concurrency,
    .inputTokens, .outputTokens,
  ]
  /// What results can be ordered by.
  static let resultKeys = ListOrder.Key.allCases

  /// Reads a key, or "KEY asc" or "KEY desc"; empty for the configuration's id.
  init(_ text: String, among keys: [Key]) throws(RPCError) {
    let words = text.split(separator: " ")
    guard let first = words.first else {
      self.init()
      return
    }
    let key = first == "id" ? .configurationID : Key(rawValue: String(first))
    let direction = words.count > 1 ? words[1] : "asc"
    guard let key, keys.contains(key), words.count <= 2, ["asc", "desc"].contains(direction) else {
      let names = keys.map(\.rawValue).joined(separator: ", ")
      throw .invalidArgument(
        field: "order_by",
        reason: "must be one of \(names), with \" desc\" behind it for the largest first")
    }
    self.init(key, descending: direction == "desc")
  }
}

extension StringView {
  /// A copy; nil when there is nothing in it.
  var nonEmpty: String? { isEmpty ? nil : string }
}
