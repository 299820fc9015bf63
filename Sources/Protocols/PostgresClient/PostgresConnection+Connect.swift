import CPostgres
package import Reactor

extension PostgresConnection {
  /// Connects to the first host of the string that lets it in; names are looked up off the loop.
  ///
  /// - Throws: `PostgresError` with kind `connection`, or `configuration` when the string makes no
  ///   sense.
  package static func connect(
    _ configuration: PostgresConfiguration, loop: EventLoop
  ) async throws -> PostgresConnection {
    let limit = loop.now().advanced(by: configuration.connectTimeout)
    var string = try ConnectionString(parsing: configuration.connectionString)
    try string.prepare()
    let prepared = string
    let late = PostgresError(.connection, "looking up the database's name took too long")
    let candidates = try await loop.value(by: limit, orElse: late) {
      try await prepared.candidates()
    }
    var failures: [PostgresError] = []
    for (place, candidate) in candidates.enumerated() {
      let attempt = AttemptLimit(of: candidate, place, of: candidates.count, until: limit)
      do {
        return try await connect(candidate, attempt.end(from: loop.now()), configuration, loop)
      } catch let error as PostgresError where error.kind != .cancelled {
        if !failures.contains(error) { failures.append(error) }
      }
    }
    var failure = PostgresError(
      .connection, failures.map(\.message).joined(separator: "; "))
    failure.refusalState = failures.map(\.refusalState).first { !$0.isEmpty } ?? ""
    throw failure
  }

  private static func connect(
    _ candidate: ConnectionString, _ limit: MonotonicTime, _ configuration: PostgresConfiguration,
    _ loop: EventLoop
  ) async throws -> PostgresConnection {
    guard let handle = candidate.start() else {
      throw PostgresError(.connection, "libpq has no memory for a connection")
    }
    let connection = PostgresConnection(
      handle: handle, loop: loop, configuration: configuration)
    try await connection.establish(by: limit)
    do {
      try await connection.setUp(by: limit)
    } catch {
      await connection.close()
      throw error
    }
    return connection
  }

  /// What the session promises us: ends for statements, for transactions that wait, and for clients
  /// that have vanished, whose locks would stay for hours otherwise.
  private func setUp(by limit: MonotonicTime) async throws {
    var settings = [
      ("statement_timeout", configuration.statementTimeout.wholeMilliseconds),
      // Who waits for a lock has a statement's time for it, whatever the role's default is.
      ("lock_timeout", 0),
      (
        "idle_in_transaction_session_timeout",
        configuration.idleInTransactionTimeout.wholeMilliseconds
      ),
      ("tcp_keepalives_idle", 6), ("tcp_keepalives_interval", 3), ("tcp_keepalives_count", 3),
    ]
    let version = PQserverVersion(handle)
    if version >= 120_000 { settings.append(("tcp_user_timeout", 15_000)) }
    if version >= 140_000 { settings.append(("client_connection_check_interval", 5_000)) }
    var list = settings.map { "set_config('\($0.0)', '\($0.1)', false)" }
    if configuration.insistsOnDurability { list.append(Self.durability) }
    _ = try await run(
      [PostgresStatement("SELECT " + list.joined(separator: ", "))], deadline: limit)
  }
}

extension PostgresConnection {
  /// Takes back what a role, a database or the server says of commits that are not on its disk when
  /// they are answered; what waits for the disk, and for standbys, stays as it is.
  fileprivate static let durability = """
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
    WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
    """
}

/// When one attempt of several is to end: each has an even share of what is left.
struct AttemptLimit {
  private let share: (left: Int, until: MonotonicTime)
  private let own: Duration?

  init(of candidate: ConnectionString, _ place: Int, of count: Int, until limit: MonotonicTime) {
    share = (count - place, limit)
    own = candidate.attemptTimeout
  }

  func end(from now: MonotonicTime) -> MonotonicTime {
    now.advanced(by: own ?? share.until.duration(since: now) / share.left)
  }
}

extension Duration {
  /// At least 1, since 0 means no limit to the server.
  fileprivate var wholeMilliseconds: Int64 {
    min(max(1, wholeNanoseconds / 1_000_000), Int64(Int32.max))
  }
}
