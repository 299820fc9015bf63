/// The rules of one call on the server, without I/O: what may come, what may go, how it ends.
struct ServerCallState {
  enum Outbound { case idle, open, finished }

  /// What to do with the end of the request.
  enum EndVerdict: Equatable {
    case proceed
    case ignore
    case fail(RPCError)
  }

  /// What has to be sent before or instead of a message.
  enum SendVerdict: Equatable {
    case headersFirst
    case message
    case refuse(RPCError)
  }

  /// How the status is sent.
  enum FinishVerdict {
    case trailersOnly
    case trailers
    case nothing
  }

  static let cutShort = RPCError(.internalError, "the last message is cut short")

  let kind: MethodKind
  private(set) var requests = 0
  private(set) var responses = 0
  private(set) var hasRequestEnded = false
  private(set) var outbound = Outbound.idle

  init(kind: MethodKind) {
    self.kind = kind
  }

  var isFinished: Bool { outbound == .finished }

  /// A whole message has come; an error is the peer's violation.
  mutating func received() -> RPCError? {
    requests += 1
    guard kind.hasOneRequest, requests > 1 else { return nil }
    // https://github.com/grpc/grpc/blob/master/doc/statuscodes.md: a request of another cardinality
    // is a call of a method that does not exist.
    return RPCError(.unimplemented, "the call takes one message, the client sent more")
  }

  /// The peer has ended its side, perhaps inside a message.
  mutating func ended(isInsideMessage: Bool) -> EndVerdict {
    if hasRequestEnded || isFinished { return .ignore }
    hasRequestEnded = true
    if isInsideMessage { return .fail(Self.cutShort) }
    if kind.hasOneRequest, requests == 0 {
      return .fail(RPCError(.unimplemented, "the call takes one message, the client sent none"))
    }
    return .proceed
  }

  /// Our handler wants to send a message.
  mutating func sending() -> SendVerdict {
    switch outbound {
    case .finished: return .refuse(RPCError(.cancelled, "the call is over"))
    case .idle, .open:
      responses += 1
      defer { outbound = .open }
      return outbound == .idle ? .headersFirst : .message
    }
  }

  /// The call ends, for whatever reason.
  mutating func finish() -> FinishVerdict {
    defer { outbound = .finished }
    switch outbound {
    case .idle: return .trailersOnly
    case .open: return .trailers
    case .finished: return .nothing
    }
  }
}
