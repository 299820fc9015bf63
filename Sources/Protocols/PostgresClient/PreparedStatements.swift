/// Which statements a connection has prepared, under which names. Only what the server has
/// confirmed counts; beyond the bound statements are sent unprepared.
struct PreparedStatements {
  /// Most that one connection prepares in its life: the server keeps each.
  static let most = 512
  private var names: [String: String] = [:]
  private var underWay: Set<String> = []
  private var count = 0

  /// The name that the server knows the text by.
  func name(of sql: String) -> String? { names[sql] }

  /// A new name to prepare the text under; nil when there are too many, or while another call
  /// prepares it.
  mutating func newName(for sql: String) -> String? {
    guard count < Self.most, underWay.insert(sql).inserted else { return nil }
    count += 1
    return "s\(count)"
  }

  /// The server has answered, or passed over, what was to be prepared.
  mutating func settle(_ sql: String, as name: String?) {
    underWay.remove(sql)
    if let name { names[sql] = name }
  }

  /// The prepared form is gone, or no longer fits the tables.
  mutating func forget(_ sql: String) { names[sql] = nil }
}
