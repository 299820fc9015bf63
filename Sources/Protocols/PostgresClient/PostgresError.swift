/// Why the database refused or could not be asked.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure.
  package enum Kind: Sendable, Hashable {
    /// The server answered with an error; its SQLSTATE
    /// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
    case server(sqlState: String)
    /// The connection string makes no sense, or asks for what cannot be had here.
    case configuration
    /// There is no connection, or it broke: whether the statement took effect is not known.
    case connection
    /// The call's task was cancelled; the statement was told so.
    case cancelled
    /// The call's deadline passed; the statement was told so.
    case deadlineExceeded
    /// No connection was free in time, or too much waits on one.
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
  /// Whether the server had prepared the statement for tables that have changed since; it is
  /// prepared anew next time.
  package var isStalePlan = false
  /// SQLSTATE with which the server refused a connection; empty when none was refused so.
  package var refusalState = ""

  /// Makes an error.
  package init(_ kind: Kind, _ message: String, constraint: String = "") {
    self.kind = kind
    self.message = message
    self.constraint = constraint
  }

  /// What the server's answer means, when it is one of those that programs tell apart.
  package var condition: PostgresCondition? { PostgresCondition(rawValue: sqlState) }

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
    if isStalePlan { return .retryTransaction }
    return switch kind {
    case .connection: .reconnect
    case .configuration, .cancelled, .deadlineExceeded, .exhausted, .unexpected, .closed: .none
    case .server("40001"), .server("40P01"), .server("55P03"): .retryTransaction
    // Connection exceptions, an ended or starting server, a session that was ended for its
    // idleness, and a read-only server after a failover.
    case .server(let state)
    where state.hasPrefix("08") || state.hasPrefix("57P") || state == "25P03"
      || state == "25006":
      .reconnect
    case .server: .none
    }
  }

  /// Whether a constraint stood against it: SQLSTATE class 23.
  package var isConstraintViolation: Bool { sqlState.hasPrefix("23") }

  /// The sentence: what stands in a log.
  package var description: String { message }

  /// The sentence with a full stop, unless the server or libpq has ended it already.
  package var sentence: String {
    guard let last = message.last, !".?!".contains(last) else { return message }
    return message + "."
  }
}

/// Conditions that programs tell apart, by SQLSTATE
/// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
package enum PostgresCondition: String, Sendable, Hashable {
  case integrityConstraintViolation = "23000"
  case restrictViolation = "23001"
  case notNullViolation = "23502"
  case foreignKeyViolation = "23503"
  case uniqueViolation = "23505"
  case checkViolation = "23514"
  case exclusionViolation = "23P01"
  case readOnlyTransaction = "25006"
  case failedTransaction = "25P02"
  case idleInTransactionTimeout = "25P03"
  case invalidPassword = "28P01"
  case serializationFailure = "40001"
  case deadlockDetected = "40P01"
  case insufficientPrivilege = "42501"
  case undefinedTable = "42P01"
  case duplicateTable = "42P07"
  case diskFull = "53100"
  case outOfMemory = "53200"
  case tooManyConnections = "53300"
  case lockNotAvailable = "55P03"
  case queryCancelled = "57014"
  case adminShutdown = "57P01"
  case crashShutdown = "57P02"
  case cannotConnectNow = "57P03"
}
