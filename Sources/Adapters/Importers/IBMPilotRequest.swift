import BenchmarkDomain
import Statistics

/// One request of the pilot, checked: all times in milliseconds of the wall clock.
struct IBMPilotRequest: Sendable {
  let start: Int64
  let end: Int64
  /// Stamps of the prompt's event and of each token; empty when it failed.
  let stamps: [Int64]
  let inputTokens: Int64
  let outputTokens: Int64
  /// Nil when it succeeded.
  let errorClass: String?

  /// Latest time that is believed, the year 2200.
  private static let latest: Int64 = 7_258_118_400_000

  init(_ row: CSVRow) throws(ImportError) {
    start = try row.whole("start_timestamp", in: 1...Self.latest)
    end = try row.whole("end_timestamp", in: start...Self.latest)
    let status = try row.whole("status", in: 0...999)
    guard row.bytes("errors").elementsEqual("[]".utf8), status == 200 else {
      errorClass = "http_\(status)"
      stamps = []
      inputTokens = 0
      outputTokens = 0
      return
    }
    errorClass = nil
    inputTokens = try row.whole("n_input_tokens", in: 0...10_000_000)
    outputTokens = try row.whole("n_output_tokens", in: 1...10_000_000)
    stamps = try Self.stamps(row, start: start, end: end)
    if !row.bytes("latency_ms").isEmpty {
      let latency = try row.number("latency_ms", in: 0...Double(Self.latest))
      guard abs(latency - Double(end - start)) <= 1 else {
        throw row.bad(
          "latency_ms", "is \(latency), but the time stamps are \(end - start) ms apart")
      }
    }
  }

  /// The stamps, after the gaps beside them have been found to say the same.
  private static func stamps(
    _ row: CSVRow, start: Int64, end: Int64
  ) throws(ImportError) -> [Int64] {
    let stamps = try row.milliseconds("timestamps_per_token")
    let gaps = try row.milliseconds("latency_ms_per_token")
    guard stamps.count >= 2 else {
      throw row.bad("timestamps_per_token", "has fewer than 2 stamps in an answer")
    }
    guard stamps.count == gaps.count else {
      throw row.bad(
        "latency_ms_per_token", "has \(gaps.count) gaps for \(stamps.count) time stamps")
    }
    var before = start
    for (stamp, gap) in zip(stamps, gaps) {
      // Checked against the clock first, so that no difference can overflow.
      guard stamp >= before, stamp <= end else {
        throw row.bad("timestamps_per_token", "runs backwards or beyond the end of the request")
      }
      guard stamp - before == gap else {
        throw row.bad(
          "latency_ms_per_token",
          "says \(gap) where the time stamps are \(stamp - before) ms apart")
      }
      before = stamp
    }
    return stamps
  }

  /// The request on a clock that starts at `origin`, ended by its end stamp: for TTFT, TPOT, E2E.
  func timingToEnd(from origin: Int64) throws(StatisticsError) -> RequestTiming {
    try timing(from: origin, last: end, gaps: [])
  }

  /// The request on a clock that starts at `origin`, ended by its last token: for ITL.
  func timingToLastToken(from origin: Int64) throws(StatisticsError) -> RequestTiming {
    let gaps = zip(stamps.dropFirst(2), stamps.dropFirst()).map { Self.nanoseconds($0 - $1) }
    return try timing(from: origin, last: stamps.last ?? end, gaps: gaps)
  }

  private func timing(
    from origin: Int64, last: Int64, gaps: [UInt64]
  ) throws(StatisticsError) -> RequestTiming {
    let isAnswer = errorClass == nil
    return try RequestTiming(
      stamps: RequestStamps(
        sent: Self.nanoseconds(start - origin),
        firstByte: stamps.first.map { Self.nanoseconds($0 - origin) },
        firstContent: isAnswer ? Self.nanoseconds(stamps[1] - origin) : nil,
        lastContent: isAnswer ? Self.nanoseconds(last - origin) : nil,
        end: Self.nanoseconds(end - origin)),
      gaps: gaps, inputTokens: UInt64(inputTokens),
      outputTokens: isAnswer ? UInt64(outputTokens) : nil, errorClass: errorClass)
  }

  private static func nanoseconds(_ milliseconds: Int64) -> UInt64 {
    UInt64(milliseconds) * 1_000_000
  }
}
