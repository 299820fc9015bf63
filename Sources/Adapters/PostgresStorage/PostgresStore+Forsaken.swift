internal import PostgresClient

extension PostgresStore {
  /// Ends connections of servers that stand still in the middle of a COPY, which keep the locks of
  /// the runs whose samples it brings: while the database waits for a client's rows no timeout of
  /// its own has an effect. One that has brought nothing since a look that is an idle transaction's
  /// timeout ago stands still; one that is merely slow is left alone, and so is a dump that is
  /// restored under that role, which copies in text. Whoever may see and end them may be any server
  /// of this database, since all of them are the same role; the rows are sent again over another
  /// connection.
  ///
  /// - Returns: how many were ended.
  @discardableResult
  package func endForsakenCopies() async throws -> Int64 {
    let begin = ContinuousClock.now
    return try await read(on: watchPool) { connection in
      let copies = try await connection.all(Self.copiesQuestion, [.text(Self.sampleCopies)]) {
        StandingCopies.Copy(
          process: try $0.integer(Int64.self), begun: try $0.integer(Int64.self),
          bytes: try $0.integer(Int64.self))
      }
      let forsaken = self.standingCopies.withLock {
        $0.saw(copies, at: begin, patience: self.settings.database.idleInTransactionTimeout)
      }
      guard !forsaken.isEmpty else { return 0 }
      return try await connection.first(
        """
        SELECT count(*) FILTER (WHERE pg_terminate_backend(c.process::int4))
        FROM (\(Self.copiesQuestion)) c
        JOIN unnest($2::int8[], $3::int8[], $4::int8[]) AS f (process, begun, bytes)
          USING (process, begun, bytes)
        """,
        [
          .text(Self.sampleCopies), .int8Array(forsaken.map(\.process)),
          .int8Array(forsaken.map(\.begun)), .int8Array(forsaken.map(\.bytes)),
        ]
      ) { try $0.integer() } ?? 0
    }
  }

  private static let sampleCopies = "COPY benchfront.%FROM STDIN (FORMAT binary)"

  private static let copiesQuestion = """
    SELECT a.pid::int8 AS process, (extract(epoch FROM a.query_start) * 1000000)::int8 AS begun,
      p.bytes_processed AS bytes
    FROM pg_stat_activity a JOIN pg_stat_progress_copy p USING (pid)
    WHERE a.datname = current_database() AND a.usename = current_user
      AND a.state = 'active' AND a.wait_event = 'ClientRead' AND a.query LIKE $1
    """
}

/// What earlier looks saw of COPYs whose next rows the database waits for.
struct StandingCopies {
  /// A COPY, and how far it was.
  struct Copy: Hashable {
    /// The database's process.
    let process: Int64
    /// When it began, in microseconds since 1970.
    let begun: Int64
    /// What it had brought.
    let bytes: Int64
  }

  private var since: [Copy: ContinuousClock.Instant] = [:]

  /// Takes note of a look, and returns those that have stood where they are since one that is
  /// `patience` ago.
  mutating func saw(
    _ copies: [Copy], at now: ContinuousClock.Instant, patience: Duration
  ) -> [Copy] {
    let before = since
    since = Dictionary(uniqueKeysWithValues: copies.map { ($0, before[$0] ?? now) })
    return copies.filter { copy in since[copy].map { now - $0 >= patience } ?? false }
  }
}
