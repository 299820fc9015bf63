/// What a store holds, in one consistent view.
package protocol TransferSource: Sendable {
  /// Hands over the rows of a table in its order, a page at a time; no page is empty.
  ///
  /// - Throws: `StorageError`; `corrupt` for a row that the table cannot have. What `body` throws
  ///   ends the reading, and is thrown.
  func forEachPage(
    of table: TransferTable, _ body: ([TransferRow]) async throws -> Void
  ) async throws
}

/// A store that is being filled; what was appended can be read back.
package protocol TransferTarget: TransferSource {
  /// Writes rows of a table, which `TransferTable.fault` has nothing against, behind the rows of
  /// the tables that they refer to.
  ///
  /// - Throws: `StorageError`; `invalid` when the rows do not fit together or into the store.
  func append(_ rows: [TransferRow], to table: TransferTable) async throws
}

/// A store that can be moved as a whole. Every call may suspend on I/O.
package protocol TransferStore: Sendable {
  /// Runs `body` on what the store holds, which stands still meanwhile.
  ///
  /// - Throws: `StorageError`: `notFound` when there is no such store, `failedPrecondition` when
  ///   another version wrote it; and what `body` throws.
  func export<Value: Sendable>(
    _ body: @Sendable (any TransferSource) async throws -> Value
  ) async throws -> Value

  /// Runs `body`, which fills the empty store; when it throws, and whoever is killed meanwhile,
  /// the store is as empty as before, and nobody is served from what was written until then.
  ///
  /// - Throws: `StorageError`: `failedPrecondition` when the store is not empty, with what is in
  ///   it; and what `body` throws.
  func load<Value: Sendable>(
    _ body: @Sendable (any TransferTarget) async throws -> Value
  ) async throws -> Value
}

extension StorageError {
  /// Rows that do not fit to each other.
  package static let unfitting = StorageError(
    .invalid, "One is there twice, or refers to what is not there.")
}

extension TransferTable {
  /// What is refused of a store that holds something; nil when it holds nothing. Every store has a
  /// version of its data.
  package static func refusal(of found: [TransferTable]) -> StorageError? {
    let names = found.filter { $0.number != meta.number }.map(\.plural)
    guard !names.isEmpty else { return nil }
    return StorageError(
      .failedPrecondition,
      "It holds \(names.joined(separator: ", ")) already: import into one that no server has been "
        + "started on.")
  }

  /// Refuses a row that a store holds and cannot have written.
  package func requireSound(_ rows: [TransferRow]) throws {
    for row in rows {
      guard let fault = fault(in: row) else { continue }
      throw StorageError(.corrupt, "The stored \(title(of: row)) has \(fault).")
    }
  }
}
