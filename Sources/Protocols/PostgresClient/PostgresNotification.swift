import CPostgres

/// What another session said by NOTIFY.
package struct PostgresNotification: Sendable, Hashable {
  /// The channel.
  package var channel: String
  /// What was said; at most 8,000 bytes.
  package var payload: String
}

extension PostgresConnection {
  /// Listens to channels from now on, and as long as the connection lives; `PostgresListener` goes
  /// on with another.
  ///
  /// - Parameter handler: called on the loop for each notification, until the connection ends.
  package func listen(
    _ channels: [String], _ handler: @escaping @Sendable (PostgresNotification) -> Void
  ) async throws {
    notificationHandler = handler
    _ = try await run(Self.listening(to: channels))
  }

  static func listening(to channels: [String]) -> [PostgresStatement] {
    channels.map { PostgresStatement("LISTEN \(quoted($0))") }
  }

  /// An identifier as SQL wants it.
  package static func quoted(_ identifier: String) -> String {
    "\""
      + identifier.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  func takeNotifications() {
    while let notice = PQnotifies(handle) {
      let notification = PostgresNotification(
        channel: String(cString: notice.pointee.relname),
        payload: String(cString: notice.pointee.extra))
      PQfreemem(notice)
      notificationHandler?(notification)
    }
  }
}
