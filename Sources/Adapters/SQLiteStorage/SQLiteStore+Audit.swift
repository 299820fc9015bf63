package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore: AuditStore {
  private static let auditColumns = "recorded_at, caller, roles, method, subject, code"

  package func append(_ calls: [(call: AuditedCall, age: Duration)]) async throws {
    try await write { database, now in
      for (call, age) in calls {
        try database.insert(
          into: "audit", Self.auditColumns,
          [
            now.advanced(by: .zero - age).nanoseconds, call.caller,
            call.roles.joined(separator: " "), call.method, call.subject, call.code,
          ])
      }
    }
  }

  package func auditRecords(page: PageRequest) async throws -> Page<AuditRecord> {
    let list = PagedList(
      question: "audit", columns: "key, \(Self.auditColumns)", source: "audit",
      keys: [SortKey(expression: "key", isDescending: true)])
    return try await read { database in
      try list.page(page, database) { try AuditRecord(&$0) }
    }
  }

  package func dropAuditRecords(before time: WallTime) async throws {
    while try await step({ try Self.dropAuditRecords(before: time, $0) }) {}
  }

  /// Drops some; true when there may be more.
  private static func dropAuditRecords(before time: WallTime, _ database: Database) throws -> Bool {
    try database.run(
      """
      DELETE FROM audit WHERE key IN (
        SELECT key FROM audit WHERE recorded_at < ? ORDER BY recorded_at LIMIT ?)
      """, [time.nanoseconds, rowsPerStep]) == rowsPerStep
  }
}

extension AuditRecord {
  fileprivate init(_ reader: inout ColumnReader) throws {
    self.init(
      id: try reader.integer(), recordedAt: try reader.time(),
      call: AuditedCall(
        caller: try reader.text(),
        roles: try reader.text().split(separator: " ").map(String.init),
        method: try reader.text(), subject: try reader.text(), code: try reader.integer()))
  }
}
