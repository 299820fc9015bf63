import Logging
import Reactor
import Synchronization
import Testing

@testable import ServerApp

@Suite("The log of refusals")
struct RefusalLogTests {
  /// Keeps the lines that are logged.
  private struct Recorder: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let told = event.metadata ?? [:]
      lines.append("\(told["reason"] ?? "") \(told["untold"] ?? "0")")
    }
  }

  @Test("a flood of failures is a few lines a second, with the number of those left out")
  func flood() {
    let lines = Lines()
    let time = HandClock()
    let log = RefusalLog(Logger(label: "test") { _ in Recorder(lines: lines) }, "refused") {
      time.now
    }
    for _ in 0..<100 { log.note(nil, "flood") }
    #expect(lines.all == [String](repeating: "flood 0", count: 5))
    time.advance(by: 1_000_000_000)
    log.note(nil, "later")
    #expect(lines.all.last == "later 95" && lines.all.count == 6)
  }
}

private final class Lines: Sendable {
  private let kept = Mutex<[String]>([])

  var all: [String] { kept.withLock { $0 } }

  func append(_ line: String) { kept.withLock { $0.append(line) } }
}

private final class HandClock: Sendable {
  private let nanoseconds = Mutex<UInt64>(5_000_000_000)

  var now: MonotonicTime { MonotonicTime(nanoseconds: nanoseconds.withLock { $0 }) }

  func advance(by step: UInt64) { nanoseconds.withLock { $0 += step } }
}
