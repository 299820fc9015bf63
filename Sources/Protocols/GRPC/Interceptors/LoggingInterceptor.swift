package import Logging
import Telemetry

/// Logs how calls ended: failures of the server as errors, refusals and clients' mistakes as
/// notices, each with its reason, the rest for debugging. Metadata, and so credentials, never reach
/// the log; lines above debugging are held to a rate.
package final class LoggingInterceptor: ServerInterceptor {
  private let logger: Logger
  private let gate = LogGate()

  package init(_ logger: Logger) { self.logger = logger }

  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    let level = Self.level(of: record)
    guard level >= logger.logLevel else { return }
    var left = 0
    if level > .debug {
      guard let before = gate.pass() else { return }
      left = before
    }
    var metadata: Logger.Metadata = [
      "method": "\(record.method?.path ?? "none")", "status": "\(record.code)",
      "milliseconds": "\(Double(record.nanoseconds / 1_000) / 1_000)",
    ]
    if let peer = context?.peer ?? record.peer { metadata["peer"] = "\(peer)" }
    if let failure = record.failure { metadata["reason"] = "\(LogText.quoted(failure.message))" }
    if let trace = context?.trace { metadata["trace_id"] = "\(trace.traceName)" }
    if left > 0 { metadata["lines_left_out"] = "\(left)" }
    logger.log(level: level, "call ended", metadata: metadata)
  }

  private static func level(of record: CallRecord) -> Logger.Level {
    switch record.code {
    case .internalError, .unknown, .dataLoss: record.isOfHandler ? .error : .notice
    case .unauthenticated, .permissionDenied, .resourceExhausted: .notice
    default: .debug
    }
  }
}
