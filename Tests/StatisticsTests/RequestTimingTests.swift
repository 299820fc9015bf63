import Statistics
import Testing

/// Milliseconds as a stamp.
func ms(_ milliseconds: UInt64) -> UInt64 { milliseconds * 1_000_000 }

@Suite("Metrics of one request")
struct RequestTimingTests {
  private func request(tokens: UInt64? = 4) throws -> RequestTiming {
    try RequestTiming(
      stamps: RequestStamps(
        scheduled: ms(5), sent: ms(10), firstByte: ms(40), firstContent: ms(60), end: ms(130)),
      gaps: [ms(10), ms(20), ms(30)], inputTokens: 7, outputTokens: tokens)
  }

  @Test("TTFT, E2E and TPOT follow their definitions")
  func definitions() throws {
    let request = try request()
    #expect(request.timeToFirstTokenSeconds == 0.050)
    #expect(request.scheduledTimeToFirstTokenSeconds == 0.055)
    #expect(request.endToEndSeconds == 0.110)  // to the last content at 120 ms, not to the end
    #expect(request.timePerOutputTokenSeconds == 0.020)
    #expect(request.gapsSeconds == [0.010, 0.020, 0.030])
    #expect(!request.hasMultiTokenGaps)
  }

  @Test("TPOT is null below two tokens and where tokens are unknown", arguments: [nil, 0, 1])
  func nullTimePerOutputToken(tokens: UInt64?) throws {
    #expect(try request(tokens: tokens).timePerOutputTokenSeconds == nil)
  }

  @Test("fewer chunks than tokens flag the gaps")
  func multiTokenGaps() throws {
    #expect(try request(tokens: 5).hasMultiTokenGaps)
  }

  @Test("a request without content has no latency")
  func withoutContent() throws {
    let request = try RequestTiming(
      stamps: RequestStamps(sent: 10, end: 20), errorClass: "timeout")
    #expect(request.timeToFirstTokenSeconds == nil)
    #expect(request.endToEndSeconds == nil)
    #expect(request.scheduledTimeToFirstTokenSeconds == nil)
  }

  @Test("a single chunk is its own last content")
  func singleChunk() throws {
    let request = try RequestTiming(
      stamps: RequestStamps(sent: 10, firstContent: 20), outputTokens: 1)
    #expect(request.stamps.lastContent == 20)
    #expect(request.endToEndSeconds == request.timeToFirstTokenSeconds)
  }

  @Test(
    "stamps that run backwards are refused",
    arguments: [
      RequestStamps(scheduled: 11, sent: 10), RequestStamps(sent: 10, firstByte: 9),
      RequestStamps(sent: 10, firstByte: 30, firstContent: 20),
      RequestStamps(sent: 10, firstContent: 20, end: 19),
      RequestStamps(sent: 10, firstContent: 20, lastContent: 19),
      RequestStamps(sent: 10, firstVisibleContent: 20),
      RequestStamps(sent: 10, firstContent: 20, firstVisibleContent: 19, lastContent: 30),
      RequestStamps(sent: 10, lastContent: 19),
    ])
  func backwards(stamps: RequestStamps) {
    #expect { try RequestTiming(stamps: stamps) } throws: {
      ($0 as? StatisticsError)?.code == .outOfOrder
    }
  }

  @Test("gaps that contradict the stamps are refused")
  func contradiction() {
    let stamps = RequestStamps(sent: 0, firstContent: 20, lastContent: 30)
    #expect(throws: StatisticsError.self) { try RequestTiming(stamps: stamps, gaps: [11]) }
    #expect(throws: StatisticsError.self) {
      try RequestTiming(stamps: RequestStamps(sent: 0, firstContent: 1), gaps: [.max])
    }
    #expect(throws: StatisticsError.self) {
      try RequestTiming(stamps: RequestStamps(sent: 0), gaps: [1])
    }
  }
}
