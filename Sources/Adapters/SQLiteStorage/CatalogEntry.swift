internal import BenchmarkDomain
internal import GRDB
internal import Storage

/// Something that is read from and written to a table of its own.
protocol StoredRow: Sendable {
  /// The table.
  static var table: String { get }
  /// Its columns, in the order in which they are read and written.
  static var columns: String { get }
  /// The columns' values.
  func arguments() throws -> Arguments
  /// Reads the columns.
  init(_ reader: inout ColumnReader) throws
}

/// A part of the catalog that is registered once under an id.
protocol CatalogEntry: StoredRow, Equatable {
  /// Its id.
  var id: String { get }
  /// What it is called in a sentence.
  static var noun: String { get }
  /// Whether rankings read it, so that a new one moves the version of the data.
  static var isRanked: Bool { get }
  /// True when `other` says the same; when it was registered aside.
  func saysTheSame(as other: Self) -> Bool
}

extension CatalogEntry {
  static var isRanked: Bool { true }

  func saysTheSame(as other: Self) -> Bool { self == other }

  /// The stored entry of that id.
  static func find(_ id: String, _ database: Database) throws -> Self? {
    try database.first("SELECT \(columns) FROM \(table) WHERE id = ?", [id]) { try Self(&$0) }
  }

  /// Stores the entry; returns the stored one when it says the same, and refuses otherwise.
  func register(_ database: Database) throws -> Self {
    guard !id.isEmpty else { throw StorageError(.invalid, "A \(Self.noun) needs an id.") }
    if let stored = try Self.find(id, database) {
      guard saysTheSame(as: stored) else {
        throw StorageError(
          .alreadyExists, "The \(Self.noun) \"\(id)\" is there with other content.")
      }
      return stored
    }
    try database.insert(into: Self.table, Self.columns, try arguments())
    if Self.isRanked { try DataVersion.move(database) }
    return self
  }

  /// Stores the entry where its id is new; returns whether it was.
  func registerIfNew(_ database: Database) throws -> Bool {
    guard try Self.find(id, database) == nil else { return false }
    _ = try register(database)
    return true
  }

  /// The entries by id.
  static func page(
    _ request: PageRequest, _ condition: Condition, question: String, _ database: Database
  ) throws -> Page<Self> {
    try PagedList(
      question: "\(table) \(question)", columns: columns, source: table, condition: condition,
      keys: [SortKey(expression: "id")]
    ).page(request, database) { try Self(&$0) }
  }

  /// All entries by id.
  static func all(_ database: Database) throws -> [Self] {
    try database.all("SELECT \(columns) FROM \(table) ORDER BY id") { try Self(&$0) }
  }
}
