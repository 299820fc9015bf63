package import BenchmarkDomain

extension AgentMessage {
  /// Reads a message of samples where it lies, in one pass, without a copy of its gaps: nearly all
  /// that agents say are samples.
  ///
  /// It takes only what a sender of samples writes, each field of its own type and within its
  /// range. Nil for everything else, which is read by `init(_:)`, and told there what is wrong.
  package init?(samplesIn bytes: [UInt8]) {
    let message = bytes.withUnsafeBytes { wire in
      var reader = SampleMessageReader(cursor: WireCursor(wire), bytes: bytes)
      return reader.message()
    }
    guard let message else { return nil }
    self = message
  }
}

/// Reads an `AgentSessionRequest` of samples.
private struct SampleMessageReader {
  var cursor: WireCursor
  /// The same bytes, which the gaps are slices of.
  let bytes: [UInt8]

  /// Numbers of fields with their wire types.
  private enum Tag {
    static let samples: UInt64 = 4 << 3 | 2
    static let lease: UInt64 = 1 << 3 | 2
    static let executionID: UInt64 = 2 << 3 | 2
    static let sequence: UInt64 = 3 << 3
    static let sample: UInt64 = 4 << 3 | 2
    static let batchID: UInt64 = 1 << 3 | 2
    static let fencingToken: UInt64 = 2 << 3
  }

  mutating func message() -> AgentMessage? {
    guard cursor.tag() == Tag.samples, let end = cursor.end(within: cursor.count),
      end == cursor.count
    else { return nil }
    return batch(until: end)
  }

  private mutating func batch(until end: Int) -> AgentMessage? {
    var fence: Fence?
    var executionID: String?
    var sequence: UInt64 = 0
    var samples: [RequestSample] = []
    while cursor.position < end {
      switch cursor.tag() {
      case Tag.sample:
        let start = cursor.position
        guard let next = cursor.end(within: end), samples.count < AgentMessage.maximumSamples,
          let sample = sample(until: next)
        else { return nil }
        // As many more as would be there if all were as long.
        if samples.isEmpty { samples.reserveCapacity(Self.likelyCount(next - start, end - start)) }
        samples.append(sample)
      case Tag.lease:
        guard fence == nil, let next = cursor.end(within: end), let read = lease(until: next) else {
          return nil
        }
        fence = read
      case Tag.executionID:
        guard executionID == nil, let id = id(within: end) else { return nil }
        executionID = id
      case Tag.sequence:
        guard let read = cursor.number() else { return nil }
        sequence = read
      default: return nil
      }
    }
    guard cursor.position == end, let fence, let executionID else { return nil }
    return .samples(fence, executionID: executionID, sequence: sequence, samples)
  }

  private static func likelyCount(_ first: Int, _ all: Int) -> Int {
    min(AgentMessage.maximumSamples, all / first + 1)
  }

  private mutating func lease(until end: Int) -> Fence? {
    var batchID: String?
    var token: UInt64 = 0
    while cursor.position < end {
      switch cursor.tag() {
      case Tag.batchID:
        guard batchID == nil, let id = id(within: end) else { return nil }
        batchID = id
      case Tag.fencingToken:
        guard let read = cursor.number() else { return nil }
        token = read
      default: return nil
      }
    }
    guard cursor.position == end, let batchID else { return nil }
    return Fence(batchID: batchID, token: Int64(token))
  }

  private mutating func id(within end: Int) -> String? {
    guard let end = cursor.end(within: end), let text = cursor.text(until: end),
      TextRule.faultOfID(text) == nil
    else { return nil }
    return text
  }

  private mutating func sample(until end: Int) -> RequestSample? {
    // A copy of its own stays in registers.
    var cursor = cursor
    defer { self.cursor = cursor }
    var figures = SampleFigures()
    while cursor.position < end {
      guard let tag = cursor.tag() else { return nil }
      if tag == SampleTag.gaps {
        guard let next = cursor.end(within: end) else { return nil }
        figures.gaps = cursor.position..<next
        cursor.move(to: next)
      } else {
        guard let value = cursor.number(), figures.set(tag, value) else { return nil }
      }
    }
    guard cursor.position == end else { return nil }
    return RequestSample(figures, bytes)
  }
}

/// The fields of a sample: numbers with their wire types.
private enum SampleTag {
  static let requestIndex: UInt64 = 1 << 3
  static let segment: UInt64 = 2 << 3
  static let outcome: UInt64 = 3 << 3
  static let httpStatus: UInt64 = 4 << 3
  static let scheduled: UInt64 = 5 << 3
  static let sent: UInt64 = 6 << 3
  static let firstByte: UInt64 = 7 << 3
  static let firstContent: UInt64 = 8 << 3
  static let firstVisible: UInt64 = 9 << 3
  static let lastContent: UInt64 = 10 << 3
  static let end: UInt64 = 11 << 3
  static let inputTokens: UInt64 = 12 << 3
  static let outputTokens: UInt64 = 13 << 3
  static let tokenSource: UInt64 = 14 << 3
  static let contentChunks: UInt64 = 15 << 3
  static let gaps: UInt64 = 16 << 3 | 2
}

/// The numbers of a sample as they are read, without a reference to anything.
private struct SampleFigures {
  var requestIndex: UInt32 = 0
  var segment: UInt32 = 0
  var outcome: RequestOutcome?
  var httpStatus: UInt32 = 0
  var scheduled: UInt64 = 0
  var sent: UInt64 = 0
  var firstByte: UInt64 = 0
  var firstContent: UInt64 = 0
  var firstVisible: UInt64 = 0
  var lastContent: UInt64 = 0
  var end: UInt64 = 0
  var inputTokens: UInt32 = 0
  var outputTokens: UInt32 = 0
  var tokenSource = TokenSource.chunks
  var contentChunks: UInt32 = 0
  /// Where the gaps lie.
  var gaps = 0..<0

  /// Sets a number; false where it is none of the field, or there is no such field.
  @inline(__always)
  mutating func set(_ tag: UInt64, _ value: UInt64) -> Bool {
    let short = UInt32(truncatingIfNeeded: value)
    switch tag {
    case SampleTag.scheduled: scheduled = value
    case SampleTag.sent: sent = value
    case SampleTag.firstByte: firstByte = value
    case SampleTag.firstContent: firstContent = value
    case SampleTag.firstVisible: firstVisible = value
    case SampleTag.lastContent: lastContent = value
    case SampleTag.end: end = value
    case _ where value > UInt64(UInt32.max): return false
    case SampleTag.requestIndex: requestIndex = short
    case SampleTag.segment: segment = short
    case SampleTag.httpStatus: httpStatus = short
    case SampleTag.inputTokens: inputTokens = short
    case SampleTag.outputTokens: outputTokens = short
    case SampleTag.contentChunks: contentChunks = short
    case SampleTag.outcome:
      guard let read = UInt8(exactly: value).flatMap(RequestOutcome.init) else { return false }
      outcome = read
    case SampleTag.tokenSource where value != 0:
      guard let read = UInt8(exactly: value).flatMap(TokenSource.init) else { return false }
      tokenSource = read
    // Not given, it is counted chunks.
    case SampleTag.tokenSource: tokenSource = .chunks
    default: return false
    }
    return true
  }

  /// True where the interface lets all of them through.
  var areWithinLimits: Bool {
    let latest = max(
      max(scheduled, sent, firstByte), max(firstContent, firstVisible), max(lastContent, end))
    return latest <= RequestSample.latestStamp && httpStatus <= RequestSample.largestStatus
      && max(inputTokens, outputTokens, contentChunks) <= RequestSample.maximumTokens
      && gaps.count <= RequestSample.maximumGapBytes
  }
}

extension RequestSample {
  /// A sample of what was read; nil where the interface does not let it through.
  fileprivate init?(_ figures: SampleFigures, _ bytes: [UInt8]) {
    guard let outcome = figures.outcome, figures.areWithinLimits else { return nil }
    self.init(
      requestIndex: figures.requestIndex, segment: figures.segment, outcome: outcome,
      httpStatus: figures.httpStatus, scheduled: figures.scheduled, sent: figures.sent,
      firstByte: figures.firstByte, firstContent: figures.firstContent,
      firstVisible: figures.firstVisible, lastContent: figures.lastContent, end: figures.end,
      inputTokens: figures.inputTokens, outputTokens: figures.outputTokens,
      tokenSource: figures.tokenSource, contentChunks: figures.contentChunks,
      gaps: bytes[figures.gaps])
  }
}
