package import BenchmarkDomain
internal import PostgresClient
package import Storage

extension PostgresStore: AuditStore {
  package func append(_ calls: [(call: AuditedCall, age: Duration)]) async throws {
    guard !calls.isEmpty else { return }
    let statement = PostgresStatement(
      """
      INSERT INTO benchfront.audit (recorded_at, caller, roles, method, subject, code)
      SELECT benchfront.nanoseconds($1) - age, caller, roles, method, subject, code
      FROM unnest($2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[])
        WITH ORDINALITY AS n (age, caller, roles, method, subject, code, place) ORDER BY place
      """,
      [
        .int8(clock?().nanoseconds),
        .int8Array(calls.map { Int64($0.age / .nanoseconds(1)) }),
        .textArray(calls.map(\.call.caller)),
        .textArray(calls.map { $0.call.roles.joined(separator: " ") }),
        .textArray(calls.map(\.call.method)), .textArray(calls.map(\.call.subject)),
        .int8Array(calls.map { Int64($0.call.code) }),
      ])
    try await transaction { _ = try await $0.run([statement]) }
  }

  package func auditRecords(page: PageRequest) async throws -> Page<AuditRecord> {
    let list = PagedList(
      question: "audit", columns: "key, recorded_at, caller, roles, method, subject, code",
      source: "benchfront.audit",
      ids: [SortKey(expression: "key", kind: .integer, isDescending: true)])
    return try await read { try await list.page(page, $0) { try AuditRecord(&$0) } }
  }

  /// Rows that a step drops.
  private static let recordsPerStep: Int64 = 10_000

  package func dropAuditRecords(before time: WallTime) async throws {
    var count = Self.recordsPerStep
    while count == Self.recordsPerStep {
      count = try await transaction { connection in
        let answer = try await connection.run(
          """
          DELETE FROM benchfront.audit WHERE key IN (
            SELECT key FROM benchfront.audit WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2)
          """, [.int8(time.nanoseconds), .int8(Self.recordsPerStep)])
        return Int64(answer.affectedCount)
      }
    }
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
