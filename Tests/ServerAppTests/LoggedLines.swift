import Logging
import Reactor
import Synchronization

/// Keeps what is logged, each event as a line.
final class LoggedLines: Sendable {
  private let kept = Mutex<[String]>([])
  private let line: @Sendable (LogEvent) -> String

  /// - Parameter line: what is kept of an event.
  init(_ line: @escaping @Sendable (LogEvent) -> String) { self.line = line }

  /// A logger whose lines are kept.
  var logger: Logger { Logger(label: "test") { _ in Recorder(lines: self) } }

  var all: [String] { kept.withLock { $0 } }

  private func append(_ event: LogEvent) { kept.withLock { $0.append(line(event)) } }

  private struct Recorder: LogHandler {
    let lines: LoggedLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.append(event) }
  }
}

/// A clock that is moved by hand.
final class HandClock: Sendable {
  private let nanoseconds = Mutex<UInt64>(5_000_000_000)

  var now: MonotonicTime { MonotonicTime(nanoseconds: nanoseconds.withLock { $0 }) }

  func advance(by step: UInt64) { nanoseconds.withLock { $0 += step } }
}
