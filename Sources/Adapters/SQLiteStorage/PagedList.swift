internal import FoundationEssentials
internal import GRDB
internal import Storage

/// Conditions that all must hold, with their values.
struct Condition: Sendable {
  private(set) var terms: [String] = []
  private(set) var arguments: [DatabaseValue] = []

  /// Adds one.
  mutating func require(_ term: String, _ values: (any DatabaseValueConvertible)?...) {
    terms.append(term)
    arguments += values.map { $0?.databaseValue ?? .null }
  }

  /// Adds one with a list of values.
  mutating func require(_ term: String, values: [DatabaseValue]) {
    terms.append(term)
    arguments += values
  }

  /// Adds that an expression is one of `texts`; no texts let everything through.
  mutating func require(_ expression: String, oneOf texts: [String]) throws {
    guard !texts.isEmpty else { return }
    require("\(expression) IN (SELECT value FROM json_each(?))", try TextList.encode(texts))
  }

  /// The WHERE clause; empty without conditions.
  var clause: String { terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ") }
}

/// One key of an order. Rows without a value come last, whichever way it goes.
struct SortKey: Sendable {
  var expression: String
  var isDescending = false
  var isNullable = false

  var term: String {
    (isNullable ? "\(expression) IS NULL, " : "") + expression + (isDescending ? " DESC" : "")
  }

  /// The rows behind a value of this key alone; nil when there are none.
  func behind(_ value: DatabaseValue) -> (sql: String, arguments: [DatabaseValue])? {
    guard !value.isNull else { return nil }
    let comparison = "\(expression) \(isDescending ? "<" : ">") ?"
    return (isNullable ? "(\(comparison) OR \(expression) IS NULL)" : comparison, [value])
  }
}

/// A list that is read page by page: each page begins behind the keys of the row before, so
/// that what is inserted meanwhile neither repeats nor hides a row.
struct PagedList: Sendable {
  /// What is asked, as text: tokens of other questions are refused.
  var question: String
  /// Columns to read.
  var columns: String
  /// Tables, behind FROM.
  var source: String
  /// Which rows.
  var condition = Condition()
  /// The order; the last key is unique.
  var keys: [SortKey]

  /// Reads a page; `invalid` for a page size out of range and for a token that is not of here.
  func page<Item: Sendable>(
    _ request: PageRequest, _ database: Database, _ read: (inout ColumnReader) throws -> Item
  ) throws -> Page<Item> {
    try request.requireSize()
    var condition = condition
    if !request.token.isEmpty {
      let last = try PageToken.decode(
        request.token, question: question, keyCount: keys.count)
      require(behind: last.map(\.databaseValue), &condition)
    }
    let sql = """
      SELECT \(keys.map(\.expression).joined(separator: ", ")), \(columns) FROM \(source)
      \(condition.clause) ORDER BY \(keys.map(\.term).joined(separator: ", ")) LIMIT ?
      """
    var rows = try database.all(
      sql, condition.arguments + [request.size + 1], isKept: false
    ) { reader in
      let values = try keys.map { _ in try reader.value() }
      return (values: values, item: try read(&reader))
    }
    guard rows.count > request.size else { return Page(items: rows.map(\.item), nextToken: "") }
    rows.removeLast()
    let last = rows[rows.count - 1].values.map(PageKey.init)
    let token = PageToken.encode(last, question: question)
    return Page(items: rows.map(\.item), nextToken: token)
  }

  private func require(behind last: [DatabaseValue], _ condition: inout Condition) {
    var alternatives: [String] = []
    var arguments: [DatabaseValue] = []
    for (index, key) in keys.enumerated() {
      guard let behind = key.behind(last[index]) else { continue }
      let equal = keys[..<index].map { "\($0.expression) IS ?" }
      alternatives.append("(" + (equal + [behind.sql]).joined(separator: " AND ") + ")")
      arguments += last[..<index] + behind.arguments
    }
    condition.require("(" + alternatives.joined(separator: " OR ") + ")", values: arguments)
    // Implied by the alternatives, and what lets an index find the beginning.
    if let first = keys.first, keys.count > 1, !first.isNullable {
      condition.require("\(first.expression) \(first.isDescending ? "<=" : ">=") ?", last[0])
    }
  }
}

extension PageKey {
  /// A column's value for a token.
  init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let number): self = .integer(number)
    case .double(let number): self = .real(number)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .bytes([UInt8](data))
    }
  }

  /// A token's value for a statement.
  var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .bytes(let bytes): Data(bytes).databaseValue
    }
  }
}
