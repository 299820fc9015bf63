package import TLS

/// How a channel is encrypted.
package struct ClientTLS: Sendable {
  package var context: TLSContext
  /// The name that the server's certificate must be for, also sent as `:authority`; nil for the
  /// target's host.
  package var serverName: String?

  package init(context: TLSContext, serverName: String? = nil) {
    self.context = context
    self.serverName = serverName
  }

  /// Whom to expect on a server that the target calls `host`; nil of a unix socket.
  func makeSession(host: String?) throws(TLSError) -> TLSSession {
    try context.makeSession(serverName: serverName ?? host)
  }

  /// Takes up changed files, off the loop, since reading them blocks.
  func refresh() async {
    await withTaskExecutorPreference(globalConcurrentExecutor) {
      // What cannot be used leaves the old ones, which the server accepts or refuses with a reason.
      _ = try? context.reloadIfChanged()
    }
  }
}
