/// Why Redis refused or could not be asked.
package struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure.
  package enum Kind: Sendable, Hashable {
    /// The address or a configuration makes no sense.
    case configuration
    /// The server answered with an error; its first word, such as `WRONGTYPE` or `OOM`.
    case server(code: String)
    /// There is no connection, or it broke: whether the command took effect is not known.
    case connection
    /// The call's deadline passed: whether the command took effect is not known.
    case deadlineExceeded
    /// The calling task was cancelled: whether the command took effect is not known.
    case cancelled
    /// Too much waits already.
    case exhausted
    /// This connection cannot carry the command, or its answer is not what was asked for.
    case unexpected
    /// The client was closed before.
    case closed
  }

  /// What kind.
  package var kind: Kind
  /// One sentence for people; never a password.
  package var message: String

  /// Makes an error.
  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// What the server answered with.
  init(server message: String) {
    let code = message.prefix { $0 != " " }
    self.init(.server(code: String(code)), message)
  }

  /// First word of the server's answer; empty when it gave none.
  package var serverCode: String {
    if case .server(let code) = kind { code } else { "" }
  }

  /// Whether the server is no longer the one to speak to: another became primary.
  var isOfReplica: Bool { serverCode == "READONLY" }

  /// The sentence: what stands in a log.
  package var description: String { message }
}
