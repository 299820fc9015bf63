/// Why the database refused or could not be asked.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure.
  package enum Kind: Sendable, Hashable {
    /// The server answered with an error; its SQLSTATE
    /// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
    case server(sqlState: String)
    /// There is no connection, or it broke: whether the statement took effect is not known.
    case connection
    /// The call's task was cancelled; the statement was told so.
    case cancelled
    /// No connection was free in time.
    case exhausted
    /// What came is not what was asked for: a column that is missing, null or of another type.
    case unexpected
    /// The client was closed before.
    case closed
  }

  /// What kind.
  package var kind: Kind
  /// One sentence for people.
  package var message: String
  /// Constraint that was violated; empty when none was.
  package var constraint: String

  /// Makes an error.
  package init(_ kind: Kind, _ message: String, constraint: String = "") {
    self.kind = kind
    self.message = message
    self.constraint = constraint
  }

  /// SQLSTATE of the server's answer; empty when it gave none.
  package var sqlState: String {
    if case .server(let state) = kind { state } else { "" }
  }

  /// What a caller can do about it.
  package enum Remedy: Sendable, Hashable {
    /// Do the whole transaction again: it changed nothing.
    case retryTransaction
    /// Connect again; whether the statement took effect is not known.
    case reconnect
    /// Nothing: the same statement fails again.
    case none
  }

  /// What to do, by SQLSTATE.
  package var remedy: Remedy {
    switch kind {
    case .connection: .reconnect
    case .cancelled, .exhausted, .unexpected, .closed: .none
    case .server("40001"), .server("40P01"), .server("55P03"): .retryTransaction
    // Connection exceptions, an ended or starting server, and a read-only one after a failover.
    case .server(let state)
    where state.hasPrefix("08") || state.hasPrefix("57P") || state == "25006": .reconnect
    case .server: .none
    }
  }

  /// Whether a constraint stood against it: SQLSTATE class 23.
  package var isConstraintViolation: Bool { sqlState.hasPrefix("23") }

  /// The sentence: what stands in a log.
  package var description: String { message }
}
