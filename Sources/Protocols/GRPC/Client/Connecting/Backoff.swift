import Reactor

/// How long a client waits before it connects again: exponential, with jitter
/// (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md).
package struct Backoff: Sendable {
  package var first: Duration = .milliseconds(200)
  package var factor = 1.6
  package var longest: Duration = .seconds(15)
  /// The part of the time that is left to chance, each way.
  package var jitter = 0.2

  package init() {}

  /// The wait after `failures` attempts in a row have failed.
  func delay(failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    var delay = Double(first.wholeNanoseconds)
    let longest = Double(self.longest.wholeNanoseconds)
    for _ in 0..<max(0, failures - 1) where delay < longest { delay *= factor }
    let spread = Double.random(in: (1 - jitter)...(1 + jitter), using: &generator)
    return .nanoseconds(Int64(min(delay, longest) * spread))
  }
}
