/// How a client speaks to its database.
package struct PostgresConfiguration: Sendable {
  /// Connection string of libpq: `host=db user=benchfront`, or `postgresql://user@db/benchfront`.
  package var connectionString: String
  /// Most connections of one pool.
  package var maxConnections = 8
  /// Most callers that wait for a connection; further ones are refused.
  package var maxWaiting = 1024
  /// Longest that connecting takes, looking up names included. Several hosts share it, unless the
  /// string's `connect_timeout` gives each its own.
  package var connectTimeout: Duration = .seconds(5)
  /// Longest that a caller waits for a connection.
  package var acquireTimeout: Duration = .seconds(10)
  /// Longest that a statement runs; the server ends it then (`statement_timeout`).
  package var statementTimeout: Duration = .seconds(30)
  /// Longest that a transaction waits for its next statement; the server ends the session then,
  /// so that a client that the network lost, or that stands still, holds no locks for long.
  package var idleInTransactionTimeout: Duration = .seconds(10)
  /// Longest that a connection says nothing while an answer is due; it is given up then.
  package var answerTimeout: Duration = .seconds(40)
  /// Longest from asking the server to cancel a statement to its answer.
  package var cancelTimeout: Duration = .seconds(2)
  /// A connection that was idle for so long is tried before it is used.
  package var checkAfter: Duration = .seconds(30)
  /// Longest that such a trial takes.
  package var checkTimeout: Duration = .seconds(2)
  /// A connection that was idle for so long is closed: others may want it.
  package var closeAfter: Duration = .seconds(60)
  /// Most calls that wait for their answers on one connection; further ones are refused.
  package var maxPipelined = 1024
  /// Most bytes that calls leave unsent on one connection; further calls are refused.
  package var maxUnsentBytes = 64 << 20
  /// First and longest pause after connecting failed; it doubles, and chance shortens it. Short,
  /// since nobody tries but for callers: they are refused for so long once the database is back.
  package var backoff: ClosedRange<Duration> = .milliseconds(100) ... .milliseconds(500)
  /// Whether a commit is on the server's disk when it is answered, even where the server's settings
  /// say `synchronous_commit = off`.
  package var insistsOnDurability = false

  /// A configuration of defaults.
  package init(_ connectionString: String) {
    self.connectionString = connectionString
  }
}
