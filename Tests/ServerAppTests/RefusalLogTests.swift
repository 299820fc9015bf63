import Logging
import Testing

@testable import ServerApp

@Suite("The log of refusals")
struct RefusalLogTests {
  @Test("a flood of failures is a few lines a second, with the number of those left out")
  func flood() {
    let lines = LoggedLines { event in
      let told = event.metadata ?? [:]
      return "\(told["reason"] ?? "") \(told["untold"] ?? "0")"
    }
    let time = HandClock()
    let log = RefusalLog(lines.logger, "refused") {
      time.now
    }
    for _ in 0..<100 { log.note(nil, "flood") }
    #expect(lines.all == [String](repeating: "\"flood\" 0", count: 5))
    time.advance(by: 1_000_000_000)
    log.note(nil, "later")
    #expect(lines.all.last == "\"later\" 95" && lines.all.count == 6)
  }
}
