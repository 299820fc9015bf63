internal import PostgresClient

extension PostgresStore {
  /// Ends connections of servers that stand still in the middle of a COPY, which keep the locks of
  /// the runs whose samples it brings: while the database waits for a client's rows no timeout of
  /// its own has an effect. Whoever may see and end them may be any server of this database, since
  /// all of them are the same role; the rows are sent again over another connection. Restoring a
  /// dump under that role copies in text, and is left alone.
  ///
  /// - Returns: how many were ended.
  @discardableResult
  package func endForsakenCopies() async throws -> Int64 {
    let patience = settings.database.idleInTransactionTimeout / .milliseconds(1)
    return try await read { connection in
      try await connection.first(
        """
        SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user
          AND state = 'active' AND wait_event = 'ClientRead' AND query LIKE $1
          AND state_change < clock_timestamp() - $2 * INTERVAL '1 millisecond'
        """, [.text("COPY benchfront.%FROM STDIN (FORMAT binary)"), .float8(patience)]
      ) { try $0.integer() } ?? 0
    }
  }
}
