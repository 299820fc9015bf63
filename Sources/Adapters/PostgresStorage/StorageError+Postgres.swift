internal import PostgresClient
internal import Storage

extension StorageError {
  /// What PostgreSQL's refusal means to the caller; no statement and no address goes into the
  /// message.
  init(_ error: PostgresError) {
    switch error.kind {
    case .server(let state): self.init(sqlState: state)
    case .connection: self.init(connecting: error)
    case .configuration:
      self.init(.invalid, "The connection string of the database cannot be used.")
    case .cancelled: self.init(.unavailable, "The call was cancelled.")
    case .deadlineExceeded: self.init(.unavailable, "The database did not answer in time.")
    case .exhausted:
      self.init(.unavailable, "Too many calls wait for the database.", cause: .overloaded)
    case .unexpected: self.init(.corrupt, "The database answered what was not asked.")
    case .closed: self.init(.unavailable, "The store was closed.")
    }
  }

  /// Whether a commit that was under way took effect is not known; every write can be repeated.
  private init(connecting error: PostgresError) {
    switch error.refusalState {
    // No such database, and no right to enter it.
    case "3D000", "42501":
      self.init(
        .unavailable, "The database does not let this server in.", cause: .refused)
    case "53300": self.init(sqlState: "53300")
    case let state where state.hasPrefix("28"): self.init(sqlState: state)
    // Words of libpq's own.
    case _ where error.message.contains("no password supplied"):
      self.init(
        .unavailable, "The database asks for a password, which PGPASSFILE may hold.",
        cause: .refused)
    // Of several hosts none takes writes.
    case _ where error.message.contains("session is read-only"),
      _ where error.message.contains("server is in hot standby mode"):
      self.init(sqlState: "25006")
    default: self.init(.unavailable, "The database cannot be reached.", cause: .unreachable)
    }
  }

  private init(sqlState state: String) {
    switch state {
    case "53100":
      self.init(.full, "The database's disk is full; nothing was written.", cause: .full)
    case "53300":
      self.init(
        .unavailable, "The database has no connection left.", cause: .tooManyConnections)
    case "25006": self.init(.unavailable, "The database is read-only.", cause: .readOnly)
    case "57014":
      self.init(.unavailable, "The database took too long.", cause: .overloaded)
    // Also what PostgreSQL says where its own files are read-only.
    case "42501":
      self.init(
        .unavailable, "The database does not let this server do that.", cause: .refused)
    case "55P03", "55006": self.init(.conflict, "Another writer was first; read again.")
    case "XX001", "XX002": self.init(.corrupt, "The database is damaged.")
    case "42P01", "42703", "3F000", "42883":
      self.init(
        .unavailable, "The database has no tables of this version; migrate it.",
        cause: .wrongSchema)
    // Our own, of migration 5.
    case "BF001":
      self.init(
        .failed,
        "A table has the name of a week's partition of samples and is none, or is being detached; "
          + "attach it, end that, or rename it.")
    case "25P03": self.init(.unavailable, "The database took too long.")
    default: self.init(sqlStateClass: state)
    }
  }

  /// What is not known to pass is not tried again: one request that the database never takes must
  /// not keep the others waiting.
  private init(sqlStateClass state: String) {
    switch state.prefix(2) {
    case "23", "40": self.init(.conflict, "Another writer was first; read again.")
    case "22", "54": self.init(.invalid, "A value cannot be stored by the database.")
    case "28":
      self.init(
        .unavailable, "The database refuses this server's credentials.", cause: .refused)
    case "08", "57":
      self.init(.unavailable, "The database cannot be reached.", cause: .unreachable)
    case "53", "58":
      self.init(.unavailable, "The database cannot be used (\(state)).", cause: .failing)
    default: self.init(.failed, "The database failed at it (\(state)).")
    }
  }

  /// What a call threw, an error of the client or one of ours.
  init(calling error: any Error) {
    switch error {
    case let error as StorageError: self = error
    case let error as PostgresError: self.init(error)
    default: self.init(.unavailable, "The call was cancelled.")
    }
  }

  /// As `init(calling:)`, with the database's own words, for those who run the server.
  init(operating error: any Error) {
    self.init(calling: error)
    guard let error = error as? PostgresError else { return }
    // That says itself what is wrong with the string.
    let isWhole = error.kind == .configuration
    message = isWhole ? error.sentence : "\(message.dropLast()): \(error.sentence)"
  }
}

extension StoreOutage {
  /// What an error says about the database as a whole; nil when it concerns one call alone.
  init?(_ error: any Error) {
    let meaning = StorageError(operating: error)
    guard let cause = meaning.cause else { return nil }
    self.init(cause, meaning.message)
  }
}
