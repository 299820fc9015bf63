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

  /// The host of `host:port` or `[::1]:port`; nil of a unix socket, which has none.
  static func host(of target: String) -> String? {
    guard !target.hasPrefix("unix:"), let colon = target.lastIndex(of: ":") else { return nil }
    let host = target[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return String(host)
  }
}
