package import BenchmarkDomain
internal import GRDB

extension Spool {
  /// Remembers that a segment began, before any of its samples: an agent that is started again
  /// tells the server so, ahead of the samples that it finds.
  package func begin(_ start: SegmentStart, fence: Fence) async throws {
    try await withWriter { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          fence.batchID, fence.token, start.executionID, Int64(start.segment),
          start.wallClockAnchor.nanoseconds, start.engineVersion, start.modelRevision,
        ])
    }
  }

  /// The segments that began under leases that are not over, in order.
  package func segments() async throws -> [(Fence, SegmentStart)] {
    try await read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT batch_id, token, execution_id, number, anchor, engine_version, model_revision
          FROM segment ORDER BY execution_id, number
          """
      ).map(Self.segment)
    }
  }

  private static func segment(_ row: Row) throws -> (Fence, SegmentStart) {
    let number: Int64 = try column(3, row)
    return (
      Fence(batchID: try column(0, row), token: try column(1, row)),
      SegmentStart(
        executionID: try column(2, row), segment: UInt32(clamping: number),
        wallClockAnchor: WallTime(nanoseconds: try column(4, row)),
        engineVersion: try column(5, row), modelRevision: try column(6, row))
    )
  }
}
