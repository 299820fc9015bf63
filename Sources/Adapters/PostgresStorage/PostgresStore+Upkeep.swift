package import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension PostgresStore {
  /// Makes the partitions of the next weeks, and drops what the retention no longer keeps;
  /// called at the start and regularly after that, by as many servers as there are.
  package func maintain() async throws {
    let now = try await read { try await self.now($0) }
    let weeks = (-1...2).map { now.advanced(by: .seconds($0 * 7 * 86_400)) }
    try await makePartitions(weeks.map(\.microseconds))
    try await drop(by: settings.retention, at: now)
  }

  package func dropSamples(ofRunsEndedBefore time: WallTime) async throws {
    // First, so that no watcher is told of commits whose samples are gone.
    try await dropCommits(ofRunsEndedBefore: time)
    try await transaction(isUpkeep: true) { connection in
      // Who writes samples waits behind this; so it does not wait for long itself.
      _ = try await connection.run("SET LOCAL lock_timeout = '2s'")
      let needed = try await connection.first(
        """
        SELECT min(started_at) FROM benchfront.run
        WHERE started_at IS NOT NULL AND (ended_at IS NULL OR ended_at >= $1)
        """, [.int8(time.nanoseconds)]
      ) { try $0.optionalTime() }
      // Samples lie by the start of their execution, which is not before that of their run.
      let oldest = min(time, (needed ?? nil) ?? time)
      _ = try await connection.run(
        "SELECT benchfront.drop_samples($1)", [.timestamp(oldest.microseconds)])
    }
  }

  /// Rows that a step drops.
  private static let commitsPerStep: Int64 = 10_000

  private func dropCommits(ofRunsEndedBefore time: WallTime) async throws {
    let runs = try await read { connection in
      try await connection.all(
        """
        SELECT u.key FROM benchfront.run u WHERE u.ended_at < $1 AND EXISTS (
          SELECT FROM benchfront.run_commit l
          WHERE l.run_key = u.key AND l.number < u.commit_number)
        """, [.int8(time.nanoseconds)]
      ) { try $0.integer(Int64.self) }
    }
    for key in runs {
      var count = 1
      while count > 0 {
        count = try await transaction { connection in
          try await connection.run(
            """
            DELETE FROM benchfront.run_commit WHERE run_key = $1 AND number IN (
              SELECT l.number FROM benchfront.run_commit l
              JOIN benchfront.run u ON u.key = l.run_key
              WHERE l.run_key = $1 AND l.number < u.commit_number ORDER BY l.number LIMIT $2)
            """, [.int8(key), .int8(Self.commitsPerStep)]
          ).affectedCount
        }
      }
    }
  }

  /// Makes the partitions of those times, in microseconds since 1970, where they are missing.
  func makePartitions(_ times: [Int64]) async throws {
    try await transaction(isUpkeep: true) { connection in
      for time in times {
        _ = try await connection.run(
          "SELECT benchfront.make_sample_partition($1)::text", [.timestamp(time)])
      }
    }
  }
}

extension WallTime {
  /// Whole microseconds since 1970: what PostgreSQL's own times hold.
  var microseconds: Int64 { nanoseconds / 1000 }
}
