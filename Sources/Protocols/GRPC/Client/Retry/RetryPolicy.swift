import Reactor

/// How calls that failed are tried again
/// (https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
///
/// Only calls that are idempotent are, and only until the server has begun to answer. Calls that no
/// server has processed are tried again whatever the policy says.
package struct RetryPolicy: Sendable {
  /// Attempts at one call, the first included.
  package var maxAttempts = 4
  /// The wait before the n-th further attempt is chance, from nothing to
  /// `initialBackoff * backoffMultiplier^(n-1)`.
  package var initialBackoff: Duration = .milliseconds(100)
  /// The most that that may be.
  package var maxBackoff: Duration = .seconds(1)
  package var backoffMultiplier = 2.0
  /// What is tried again.
  package var retryableCodes: Set<StatusCode> = [.unavailable]
  /// The longest wait that a server may ask for (`grpc-retry-pushback-ms`); when it wants more, the
  /// call ends.
  package var longestPushBack: Duration = .seconds(60)

  package init() {}

  /// The most that the wait before the n-th further attempt may be.
  func longestWait(_ number: Int) -> Duration {
    var wait = Double(initialBackoff.wholeNanoseconds)
    let longest = Double(maxBackoff.wholeNanoseconds)
    for _ in 1..<max(1, number) where wait < longest { wait *= backoffMultiplier }
    return .nanoseconds(Int64(max(0, min(wait, longest))))
  }
}
