/// Which statements a connection has prepared, under which names. Only what the server has
/// confirmed counts; beyond the bound statements are sent unprepared.
struct PreparedStatements {
  private static let most = 512
  private var names: [String: String] = [:]
  private var lastNumber = 0

  /// The name that the server knows the text by.
  func name(of sql: String) -> String? { names[sql] }

  /// A new name to prepare the text under; nil when there are too many.
  mutating func newName() -> String? {
    guard names.count < Self.most else { return nil }
    lastNumber += 1
    return "s\(lastNumber)"
  }

  mutating func confirm(_ name: String, _ sql: String) {
    if names[sql] == nil { names[sql] = name }
  }

  /// After an error that says that the prepared form is gone, or no longer fits the tables.
  mutating func forget(_ sql: String, after sqlState: String) {
    if ["26000", "0A000"].contains(sqlState) { names[sql] = nil }
  }
}
