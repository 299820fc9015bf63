import Reactor

/// How an attempt at a call ended.
enum AttemptEnd {
  case ok
  case failed(RPCError)
  /// The server says that no handler has seen it.
  case refused(RPCError)
  /// Nothing of it left this process.
  case neverSent(RPCError)

  var error: RPCError? {
    switch self {
    case .ok: nil
    case .failed(let error), .refused(let error), .neverSent(let error): error
    }
  }
}

/// What follows the end of an attempt.
enum RetryDecision: Equatable {
  /// The call has ended so; nil for OK.
  case end(RPCError?)
  case again(after: Duration)
}

/// Whether a call is tried again, without I/O.
///
/// https://github.com/grpc/proposal/blob/master/A6-client-retries.md
struct RetryState {
  /// Nil when only calls are tried again that no server has processed.
  private let policy: RetryPolicy?
  private let isIdempotent: Bool
  /// Attempts that a server may have processed and that have failed; sent as
  /// `grpc-previous-rpc-attempts`.
  private(set) var previousAttempts = 0
  /// How the last of them ended.
  private(set) var lastError: RPCError?
  private var wasRefused = false
  /// Waits since a server has last said how long to wait.
  private var waits = 0
  /// Whether the present attempt is the last: the server has begun to answer, or the request is not
  /// kept any more.
  var isCommitted = false

  init(_ policy: RetryPolicy?, isIdempotent: Bool) {
    self.policy = policy
    self.isIdempotent = isIdempotent
  }

  mutating func next(
    after end: AttemptEnd, _ throttle: inout RetryThrottle,
    using generator: inout some RandomNumberGenerator
  ) -> RetryDecision {
    switch end {
    case .ok:
      throttle.succeeded()
      return .end(nil)
    case .neverSent where !isCommitted: return .again(after: .zero)
    case .refused where !isCommitted && !wasRefused:
      wasRefused = true
      return .again(after: .zero)
    case .failed(let error), .refused(let error), .neverSent(let error):
      return failed(error, &throttle, using: &generator)
    }
  }

  private mutating func failed(
    _ error: RPCError, _ throttle: inout RetryThrottle,
    using generator: inout some RandomNumberGenerator
  ) -> RetryDecision {
    guard let policy else { return .end(error) }
    let isRetryable = policy.retryableCodes.contains(error.code)
    if isRetryable || error.forbidsRetry { throttle.failed() }
    guard isRetryable, !error.forbidsRetry, isIdempotent, !isCommitted,
      previousAttempts + 1 < policy.maxAttempts, throttle.isOpen
    else { return .end(error) }
    previousAttempts += 1
    lastError = error
    if let asked = error.retryAfter {
      waits = 0
      return asked <= policy.longestPushBack ? .again(after: asked) : .end(error)
    }
    waits += 1
    let longest = policy.longestWait(waits).wholeNanoseconds
    return .again(after: .nanoseconds(Int64.random(in: 0...longest, using: &generator)))
  }
}
