internal import PostgresClient
internal import Storage

/// Conditions that all must hold, with their values; `$` in a term stands for the next of them.
struct Condition: Sendable {
  private(set) var terms: [String] = []
  private(set) var parameters: [PostgresParameter] = []

  /// Adds one.
  mutating func require(_ term: String, _ values: PostgresParameter...) {
    let parts = term.split(separator: "$", omittingEmptySubsequences: false)
    precondition(parts.count == values.count + 1, "a condition lacks a value")
    var text = String(parts[0])
    for (part, value) in zip(parts.dropFirst(), values) {
      parameters.append(value)
      text += "$\(parameters.count)\(part)"
    }
    terms.append(text)
  }

  /// Adds that an expression is one of `texts`; no texts let everything through.
  mutating func require(_ expression: String, oneOf texts: [String]) {
    guard !texts.isEmpty else { return }
    require("\(expression) = ANY ($)", .textArray(texts))
  }

  /// The WHERE clause; empty without conditions.
  var clause: String { terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ") }

  /// Adds a value for what stands behind the clause, such as a limit; returns its mark.
  mutating func mark(_ value: PostgresParameter) -> String {
    parameters.append(value)
    return "$\(parameters.count)"
  }
}

/// What a list is ordered by.
struct SortKey: Sendable {
  enum Kind: Sendable { case integer, real, text, bytes }

  var expression: String
  var kind: Kind
  var isDescending = false
  /// Whether rows may have no value; they come last, whichever way it goes.
  var isNullable = false

  var term: String { expression + (isDescending ? " DESC" : "") }

  func parameter(_ key: PageKey) -> PostgresParameter {
    switch key {
    case .null: .int8(nil)
    case .integer(let number): .int8(number)
    case .real(let number): .float8(number)
    case .text(let text): .text(text)
    case .bytes(let bytes): .bytea(bytes)
    }
  }

  func read(_ reader: inout ColumnReader) throws -> PageKey {
    switch kind {
    case .integer: try reader.optionalInteger().map { .integer($0) } ?? .null
    case .real: try reader.optionalReal().map { .real($0) } ?? .null
    case .text: .text(try reader.text())
    case .bytes: .bytes(try reader.bytes())
    }
  }

  /// Whether a token's value is one that this key could have.
  func fits(_ key: PageKey) -> Bool {
    switch (kind, key) {
    case (.integer, .integer), (.real, .real), (.text, .text), (.bytes, .bytes): true
    case (_, .null): isNullable
    default: false
    }
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
  /// What comes first; nil when the ids alone order.
  var key: SortKey?
  /// What settles ties, upwards; unique together.
  var ids: [SortKey]

  /// Where rows stand, seen from the last of the page before. Each is a question of its own, so
  /// that an index begins where its rows begin.
  private enum Part {
    /// Every row with a value.
    case all
    /// Behind it under the same value.
    case rest
    /// Under the values behind its own.
    case beyond
    /// Without a value; behind it when it has none.
    case unvalued
  }

  /// Reads a page; `invalid` for a page size out of range and for a token that is not of here.
  func page<Item: Sendable>(
    _ request: PageRequest, _ connection: PostgresConnection,
    _ read: @Sendable (inout ColumnReader) throws -> Item
  ) async throws -> Page<Item> {
    try request.requireSize()
    let last = try start(request.token)
    var rows: [(keys: [PageKey], item: Item)] = []
    for part in parts(behind: last) where rows.count <= request.size {
      rows += try await self.rows(
        part, behind: last, request.size + 1 - rows.count, connection, read)
    }
    guard rows.count > request.size else { return Page(items: rows.map(\.item), nextToken: "") }
    rows.removeLast()
    let token = PageToken.encode(rows[rows.count - 1].keys, question: question)
    return Page(items: rows.map(\.item), nextToken: token)
  }

  private var keys: [SortKey] { (key.map { [$0] } ?? []) + ids }

  /// The keys of the row behind which the page begins; nil for the first page.
  private func start(_ token: String) throws -> [PageKey]? {
    guard !token.isEmpty else { return nil }
    let last = try PageToken.decode(token, question: question, keyCount: keys.count)
    guard zip(keys, last).allSatisfy({ $0.fits($1) }) else {
      throw StorageError(.invalid, "The page token is not one of this list.")
    }
    return last
  }

  private func parts(behind last: [PageKey]?) -> [Part] {
    guard let key else { return [last == nil ? .all : .rest] }
    let unvalued: [Part] = key.isNullable ? [.unvalued] : []
    guard let last else { return [.all] + unvalued }
    return last[0] == .null ? unvalued : [.rest, .beyond] + unvalued
  }

  private func rows<Item: Sendable>(
    _ part: Part, behind last: [PageKey]?, _ limit: Int, _ connection: PostgresConnection,
    _ read: @Sendable (inout ColumnReader) throws -> Item
  ) async throws -> [(keys: [PageKey], item: Item)] {
    var condition = condition
    require(part, behind: last, &condition)
    let isOneValue = part == .rest || part == .unvalued
    let order = (isOneValue ? ids : keys).map(\.term).joined(separator: ", ")
    let limit = condition.mark(.int8(Int64(limit)))
    let sql = """
      SELECT \(keys.map(\.expression).joined(separator: ", ")), \(columns) FROM \(source)
      \(condition.clause) ORDER BY \(order) LIMIT \(limit)
      """
    return try await connection.all(sql, condition.parameters) { [keys] reader in
      (keys: try keys.map { try $0.read(&reader) }, item: try read(&reader))
    }
  }

  private func require(_ part: Part, behind last: [PageKey]?, _ condition: inout Condition) {
    if let key {
      let value = last.map { key.parameter($0[0]) }
      switch (part, value) {
      case (.rest, let value?): condition.require("\(key.expression) = $", value)
      case (.beyond, let value?):
        condition.require("\(key.expression) \(key.isDescending ? "<" : ">") $", value)
      case (.unvalued, _): condition.require("\(key.expression) IS NULL")
      default: if key.isNullable { condition.require("\(key.expression) IS NOT NULL") }
      }
    }
    let isBehind = part == .rest || part == .unvalued && last?.first == .null
    if isBehind, let last { require(behind: Array(last.suffix(ids.count)), &condition) }
  }

  private func require(behind last: [PageKey], _ condition: inout Condition) {
    let values = zip(ids, last).map { $0.parameter($1) }
    let isBefore = ids[0].isDescending ? "<" : ">"
    if ids.count == 1 {
      return condition.require("\(ids[0].expression) \(isBefore) $", values[0])
    }
    // The first is implied by the second, and what an index of one table can begin with.
    condition.require("\(ids[0].expression) \(isBefore)= $", values[0])
    condition.require(
      "(\(ids[0].expression), \(ids[1].expression)) \(isBefore) ($, $)", values[0], values[1])
  }
}
