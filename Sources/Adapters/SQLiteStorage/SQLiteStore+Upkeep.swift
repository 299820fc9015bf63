package import BenchmarkDomain
internal import GRDB
internal import Storage

extension SQLiteStore {
  /// Rows that one step drops at most: some milliseconds of the one writer's time.
  static let rowsPerStep = 1000
  /// Pause between two steps, in which others write.
  private static let stepPause = Duration.milliseconds(20)
  /// Runs that ended before that have been gone through; a value of the table `meta`.
  private static let mark = "samples_dropped_before"

  package func dropSamples(ofRunsEndedBefore time: WallTime) async throws {
    let runs = try await read { database in
      try database.all(
        """
        SELECT key FROM run WHERE ended_at < ? AND ended_at >= coalesce(
          (SELECT value FROM meta WHERE name = ?), 0) ORDER BY key
        """, [time.nanoseconds, Self.mark]
      ) { try $0.integer(Int64.self) }
    }
    for run in runs {
      // First, so that no watcher is told of commits whose samples are gone.
      while try await step({ try Self.dropCommits(of: run, $0) }) {}
      var execution: Int64? = 0
      while let last = execution {
        execution = try await write { database, _ in
          try Self.dropSamples(of: run, from: last, database)
        }
        try await Task.sleep(for: Self.stepPause)
      }
    }
    _ = try await write { database, _ in
      try database.run(
        """
        INSERT INTO meta (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
        """, [Self.mark, time.nanoseconds])
    }
  }

  /// Does some of a work that may take long; true when there is more.
  func step(_ body: @escaping @Sendable (Database) throws -> Bool) async throws -> Bool {
    let isUnfinished = try await write { database, _ in try body(database) }
    if isUnfinished { try await Task.sleep(for: Self.stepPause) }
    return isUnfinished
  }

  /// Drops some commits of a run; true when there may be more.
  private static func dropCommits(of run: Int64, _ database: Database) throws -> Bool {
    try database.run(
      """
      DELETE FROM run_commit WHERE run_key = ? AND number IN (
        SELECT l.number FROM run_commit l WHERE l.run_key = ?
        AND l.number < (SELECT commit_number FROM run WHERE key = ?) ORDER BY l.number LIMIT ?)
      """, [run, run, run, rowsPerStep]) == rowsPerStep
  }

  /// Drops some samples of a run's executions from a key on; returns the key to go on with, nil
  /// behind the last.
  private static func dropSamples(
    of run: Int64, from key: Int64, _ database: Database
  ) throws -> Int64? {
    var (key, left) = (key, rowsPerStep)
    while left > 0 {
      let next = try database.first(
        "SELECT key FROM execution WHERE run_key = ? AND key >= ? ORDER BY key LIMIT 1", [run, key]
      ) { try $0.integer(Int64.self) }
      guard let next else { return nil }
      let count = try database.run(
        """
        DELETE FROM request_sample WHERE execution_key = ? AND request_index IN (
          SELECT request_index FROM request_sample WHERE execution_key = ?
          ORDER BY request_index LIMIT ?)
        """, [next, next, left])
      key = count == left ? next : next + 1
      // An execution without samples takes time, too.
      left -= max(1, count)
    }
    return key
  }
}
