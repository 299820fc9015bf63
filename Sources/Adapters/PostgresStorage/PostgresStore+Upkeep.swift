internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension PostgresStore {
  /// Makes the partitions of the next weeks, and drops samples that the retention no longer keeps;
  /// called at the start and regularly after that, by as many servers as there are.
  ///
  /// - Returns: how many partitions were dropped.
  @discardableResult
  package func maintain() async throws -> Int64 {
    let now = try await read { try await self.now($0) }
    let weeks = (-1...2).map { now.advanced(by: .seconds($0 * 7 * 86_400)) }
    try await makePartitions(weeks.map(\.microseconds))
    guard let retention = settings.retention else { return 0 }
    let oldest = now.advanced(by: .zero - retention)
    return try await transaction { connection in
      // Who writes samples waits behind this; so it does not wait for long itself.
      _ = try await connection.run("SET LOCAL lock_timeout = '2s'")
      return try await connection.first(
        "SELECT benchfront.drop_samples($1)", [.timestamp(oldest.microseconds)]
      ) { try $0.integer() } ?? 0
    }
  }

  /// Makes the partitions of those times, in microseconds since 1970, where they are missing.
  func makePartitions(_ times: [Int64]) async throws {
    try await transaction { connection in
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
