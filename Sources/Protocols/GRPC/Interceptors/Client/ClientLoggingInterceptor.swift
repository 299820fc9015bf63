package import Logging
import Reactor

/// Logs how calls ended: those that failed as warnings or as it is told, the rest for debugging.
/// Metadata, and so credentials, never reach the log.
package final class ClientLoggingInterceptor: ClientInterceptor {
  private let logger: Logger
  private let failureLevel: Logger.Level
  private let gate = LogGate()

  /// - Parameter failureLevel: for calls that failed; lower where the program tells of them itself.
  package init(_ logger: Logger, failureLevel: Logger.Level = .warning) {
    (self.logger, self.failureLevel) = (logger, failureLevel)
  }

  package func callEnded(_ call: ClientCallInfo, _ record: ClientCallRecord) {
    let level = level(of: record.code)
    guard level >= logger.logLevel else { return }
    var left = 0
    if level > .debug {
      guard let before = gate.pass() else { return }
      left = before
    }
    var metadata: Logger.Metadata = [
      "method": "\(call.method.path)", "target": "\(call.target)", "status": "\(record.code)",
      "attempts": "\(record.attempts)",
      "milliseconds": "\(Double(record.nanoseconds / 1_000) / 1_000)",
    ]
    if let error = record.error { metadata["error"] = "\(error.message)" }
    if let trace = call.options.trace { metadata["trace_id"] = "\(trace.traceName)" }
    if left > 0 { metadata["lines_left_out"] = "\(left)" }
    logger.log(level: level, "call ended", metadata: metadata)
  }

  private func level(of code: StatusCode) -> Logger.Level {
    switch code {
    case .ok, .cancelled: .debug
    default: failureLevel
    }
  }
}
