internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

/// A part of the catalog that is registered once under an id.
protocol CatalogEntry: Sendable, Equatable {
  /// The table.
  static var table: String { get }
  /// Its columns, in the order in which they are read and written.
  static var columns: String { get }
  /// What it is called in a sentence.
  static var noun: String { get }
  /// Its id.
  var id: String { get }
  /// The columns' values.
  func parameters() throws -> [PostgresParameter]
  /// Reads the columns.
  init(_ reader: inout ColumnReader) throws
  /// True when `other` says the same; when it was registered aside.
  func saysTheSame(as other: Self) -> Bool
}

extension CatalogEntry {
  func saysTheSame(as other: Self) -> Bool { self == other }

  /// The stored entry of that id.
  static func find(_ id: String, _ connection: PostgresConnection) async throws -> Self? {
    try await connection.first("SELECT \(columns) FROM \(table) WHERE id = $1", [.text(id)]) {
      try Self(&$0)
    }
  }

  /// Stores the entry where its id is new; returns what is stored under the id, and whether it was
  /// new.
  func insert(_ connection: PostgresConnection) async throws -> (stored: Self, isNew: Bool) {
    guard !id.isEmpty else { throw StorageError(.invalid, "A \(Self.noun) needs an id.") }
    let answers = try await connection.run([
      .insert(into: Self.table, Self.columns, try parameters(), "ON CONFLICT (id) DO NOTHING"),
      PostgresStatement("SELECT \(Self.columns) FROM \(Self.table) WHERE id = $1", [.text(id)]),
    ])
    guard let stored = try answers[1].read({ try Self(&$0) }).first else {
      throw StorageError(.conflict, "Another writer was first; read again.")
    }
    return (stored, answers[0].affectedCount == 1)
  }

  /// Stores the entry, and moves the version of the data; returns the stored one when it says the
  /// same, and refuses otherwise.
  func registerForRankings(_ connection: PostgresConnection) async throws -> Self {
    let (stored, isNew) = try await register(connection)
    if isNew { try await DataVersion.move(by: 1, connection) }
    return stored
  }

  /// Stores the entry; returns the stored one when it says the same, and refuses otherwise.
  func register(_ connection: PostgresConnection) async throws -> (stored: Self, isNew: Bool) {
    let (stored, isNew) = try await insert(connection)
    guard isNew || saysTheSame(as: stored) else {
      throw StorageError(
        .alreadyExists, "The \(Self.noun) \"\(id)\" is there with other content.")
    }
    return (stored, isNew)
  }

  /// The entries by id.
  static func page(
    _ request: PageRequest, _ condition: Condition, question: String,
    _ connection: PostgresConnection
  ) async throws -> Page<Self> {
    try await PagedList(
      question: "\(table) \(question)", columns: columns, source: table, condition: condition,
      ids: [SortKey(expression: "id", kind: .text)]
    ).page(request, connection) { try Self(&$0) }
  }

  /// All entries by id.
  static func all(_ connection: PostgresConnection) async throws -> [Self] {
    try await connection.all("SELECT \(columns) FROM \(table) ORDER BY id") { try Self(&$0) }
  }
}
