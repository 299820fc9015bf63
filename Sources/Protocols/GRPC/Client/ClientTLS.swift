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

  /// Whom to expect behind `target`.
  func makeSession(target: String) throws(TLSError) -> TLSSession {
    try context.makeSession(serverName: serverName ?? Self.host(of: target))
  }

  /// Takes up changed files, off the loop, since reading them blocks.
  func refresh() async {
    await withTaskExecutorPreference(globalConcurrentExecutor) {
      // What cannot be used leaves the old ones, which the server accepts or refuses with a reason.
      _ = try? context.reloadIfChanged()
    }
  }

  /// The host of `host:port` or `[::1]:port`; nil of a unix socket, which has none.
  static func host(of target: String) -> String? {
    guard !target.hasPrefix("unix:"), let colon = target.lastIndex(of: ":") else { return nil }
    let host = target[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return String(host)
  }
}
