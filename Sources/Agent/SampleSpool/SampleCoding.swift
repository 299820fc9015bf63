internal import BenchmarkDomain

/// Samples as bytes: a version byte (1), then each field of each sample as a variable-length
/// number (seven bits a byte, lowest first), the gaps behind their length.
enum SampleCoding {
  private static let version: UInt8 = 1

  static func encode(_ samples: some Collection<RequestSample>) -> [UInt8] {
    var bytes = [version]
    for sample in samples {
      let numbers: [UInt64] = [
        UInt64(sample.requestIndex), UInt64(sample.segment), UInt64(sample.outcome.rawValue),
        UInt64(sample.httpStatus), sample.scheduled, sample.sent, sample.firstByte,
        sample.firstContent, sample.firstVisible, sample.lastContent, sample.end,
        UInt64(sample.inputTokens), UInt64(sample.outputTokens),
        UInt64(sample.tokenSource.rawValue), UInt64(sample.contentChunks),
        UInt64(sample.gaps.count),
      ]
      for number in numbers { append(number, to: &bytes) }
      bytes += sample.gaps
    }
    return bytes
  }

  /// Reads what `encode` wrote; `corrupt` for anything else.
  static func decode(_ bytes: [UInt8]) throws(SpoolError) -> [RequestSample] {
    guard bytes.first == version else { throw damage }
    var rest = bytes[1...]
    var samples: [RequestSample] = []
    while !rest.isEmpty { samples.append(try sample(&rest)) }
    return samples
  }

  private static let damage = SpoolError(.corrupt, "A spooled message cannot be read.")

  private static func sample(_ rest: inout ArraySlice<UInt8>) throws(SpoolError) -> RequestSample {
    let index: UInt32 = try number(&rest)
    let segment: UInt32 = try number(&rest)
    guard let outcome = RequestOutcome(rawValue: try number(&rest)) else { throw damage }
    var sample = RequestSample(
      requestIndex: index, segment: segment, outcome: outcome, httpStatus: try number(&rest),
      scheduled: try number(&rest), sent: try number(&rest), firstByte: try number(&rest),
      firstContent: try number(&rest), firstVisible: try number(&rest),
      lastContent: try number(&rest), end: try number(&rest), inputTokens: try number(&rest),
      outputTokens: try number(&rest))
    guard let source = TokenSource(rawValue: try number(&rest)) else { throw damage }
    sample.tokenSource = source
    sample.contentChunks = try number(&rest)
    let gapBytes: Int = try number(&rest)
    guard gapBytes <= rest.count else { throw damage }
    sample.gaps = rest.prefix(gapBytes)
    rest = rest.dropFirst(gapBytes)
    return sample
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var number = number
    while number >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: number) | 0x80)
      number >>= 7
    }
    bytes.append(UInt8(number))
  }

  private static func number<Number: FixedWidthInteger>(
    _ rest: inout ArraySlice<UInt8>
  ) throws(SpoolError) -> Number {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.popFirst(), shift < 63 || byte < 2 else { throw damage }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      guard byte >= 0x80 else {
        guard let number = Number(exactly: value) else { throw damage }
        return number
      }
    }
    throw damage
  }
}
