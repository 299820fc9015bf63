internal import PostgresClient
internal import Storage

extension StorageError {
  /// What PostgreSQL's refusal means to the caller; no statement and no address goes into the
  /// message.
  init(_ error: PostgresError) {
    switch error.kind {
    case .server(let state): self.init(sqlState: state)
    case .connection:
      // Whether a commit that was under way took effect is not known; every write can be repeated.
      self.init(.unavailable, "The database cannot be reached.")
    case .cancelled: self.init(.unavailable, "The call was cancelled.")
    case .deadlineExceeded: self.init(.unavailable, "The database did not answer in time.")
    case .exhausted: self.init(.unavailable, "Too many calls wait for the database.")
    case .unexpected: self.init(.corrupt, "The database answered what was not asked.")
    case .closed: self.init(.unavailable, "The store was closed.")
    }
  }

  private init(sqlState state: String) {
    switch state {
    case "53100": self.init(.full, "The database's disk is full; nothing was written.")
    case "53300": self.init(.unavailable, "The database has no connection left.")
    case "25006": self.init(.unavailable, "The database is read-only.")
    case "57014": self.init(.unavailable, "The database took too long.")
    case "42501": self.init(.unavailable, "The database does not let this server do that.")
    case "55P03": self.init(.conflict, "Another writer was first; read again.")
    case "XX001", "XX002": self.init(.corrupt, "The database is damaged.")
    case "42P01", "42703", "3F000", "42883":
      self.init(.unavailable, "The database has no tables of this version; migrate it.")
    default: self.init(sqlStateClass: state)
    }
  }

  private init(sqlStateClass state: String) {
    switch state.prefix(2) {
    case "23", "40": self.init(.conflict, "Another writer was first; read again.")
    case "22", "54": self.init(.invalid, "A value cannot be stored by the database.")
    case "28": self.init(.unavailable, "The database refuses this server's credentials.")
    default: self.init(.unavailable, "The database cannot be used (\(state)).")
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
}
