package import Logging
import Reactor

/// Logs how calls ended: failures of the server as errors, refusals as notices, the rest for
/// debugging. Metadata, and so credentials, never reach the log.
package final class LoggingInterceptor: ServerInterceptor {
  /// Lines a second above the level of debugging; more are counted and left out.
  private static let linesPerSecond = 20

  private let logger: Logger
  private let gate = Locked(Gate())

  private struct Gate {
    var bucket = TokenBucket(rate: Double(linesPerSecond), burst: 5 * linesPerSecond)
    var left = 0
  }

  package init(_ logger: Logger) { self.logger = logger }

  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    let level = Self.level(of: record.code)
    guard level >= logger.logLevel else { return }
    var left = 0
    if level > .debug {
      guard let before = pass() else { return }
      left = before
    }
    var metadata: Logger.Metadata = [
      "method": "\(record.method?.path ?? "none")", "status": "\(record.code)",
      "milliseconds": "\(Double(record.nanoseconds / 1_000) / 1_000)",
    ]
    if let peer = context?.peer { metadata["peer"] = "\(peer)" }
    if let trace = context?.trace { metadata["trace_id"] = "\(trace.traceName)" }
    if left > 0 { metadata["lines_left_out"] = "\(left)" }
    logger.log(level: level, "call ended", metadata: metadata)
  }

  /// How many lines were left out since the last; nil when this one is to be left out too.
  private func pass() -> Int? {
    gate.withLock { gate in
      guard gate.bucket.take(at: MonotonicTime.now().nanoseconds) == nil else {
        gate.left += 1
        return nil
      }
      defer { gate.left = 0 }
      return gate.left
    }
  }

  private static func level(of code: StatusCode) -> Logger.Level {
    switch code {
    case .internalError, .unknown, .dataLoss: .error
    case .unauthenticated, .permissionDenied, .resourceExhausted: .notice
    default: .debug
    }
  }
}
