import APIBindings
import BenchmarkDomain
import Testing

@testable import APIMapping

@Suite("messages of samples, read in one pass")
struct SampleMessageReaderTests {
  private static let lease = LeaseReference(batchId: "batch", fencingToken: 7)

  private static func bytes(_ samples: [APIBindings.RequestSample]) -> [UInt8] {
    AgentSessionRequest(
      message: .samples(
        SampleBatch(lease: lease, executionId: "execution", sequence: 3, samples: samples))
    ).encoded()
  }

  private static func decoded(_ bytes: [UInt8]) throws -> AgentMessage {
    try bytes.withUnsafeBytes { try AgentMessage(try AgentSessionRequest.decode($0)) }
  }

  /// A sample with every field, whose numbers have all lengths.
  private static func sample(_ index: Int) -> APIBindings.RequestSample {
    let stamp = UInt64(1) << UInt64(index % 55)
    return APIBindings.RequestSample(
      requestIndex: UInt32(index) << UInt32(index % 24), segment: UInt32(index),
      outcome: RequestOutcome.allCases[index % RequestOutcome.allCases.count].wire,
      httpStatus: UInt32(index % 1_000), scheduledNanoseconds: stamp - 1, sentNanoseconds: stamp,
      firstByteNanoseconds: stamp / 2, firstContentNanoseconds: stamp / 3,
      firstVisibleNanoseconds: stamp / 4, lastContentNanoseconds: stamp / 5,
      endNanoseconds: stamp / 6, inputTokens: UInt32(index * 997 % 10_000_000),
      outputTokens: UInt32(index), tokenSource: index % 2 == 0 ? .usage : .unspecified,
      contentChunks: UInt32(index * 13),
      gaps: (0..<index * 3).map { UInt8(truncatingIfNeeded: $0) })
  }

  @Test("all that agents send is read as decoding reads it", arguments: [1, 2, 64, 256])
  func whole(count: Int) throws {
    let bytes = Self.bytes((0..<count).map(Self.sample))
    let read = try #require(AgentMessage(samplesIn: bytes))
    #expect(try read == Self.decoded(bytes))
  }

  @Test("what decoding refuses is left to it, which says why")
  func refused() {
    var good = Self.sample(3)
    let faults: [(inout APIBindings.RequestSample) -> Void] = [
      { $0.outcome = .unspecified }, { $0.outcome = .unrecognized(8) },
      { $0.tokenSource = .unrecognized(3) }, { $0.httpStatus = 1_000 },
      { $0.endNanoseconds = RequestSample.latestStamp + 1 }, { $0.sentNanoseconds = .max },
      { $0.outputTokens = RequestSample.maximumTokens + 1 }, { $0.contentChunks = .max },
      { $0.gaps = Array(repeating: 1, count: RequestSample.maximumGapBytes + 1) },
    ]
    for fault in faults {
      var bad = good
      fault(&bad)
      let bytes = Self.bytes([good, bad])
      #expect(AgentMessage(samplesIn: bytes) == nil)
      #expect(throws: (any Error).self) { try Self.decoded(bytes) }
    }
    good.gaps = []
    let tooMany = Self.bytes(Array(repeating: good, count: 257))
    #expect(AgentMessage(samplesIn: tooMany) == nil)
  }

  @Test("what is unusual, yet right, is left to decoding")
  func unusual() throws {
    let usual = AgentSessionRequest(
      message: .samples(SampleBatch(lease: Self.lease, executionId: "execution")))
    let bytes = usual.encoded()
    #expect(AgentMessage(samplesIn: bytes) != nil)
    // The message once more, which is merged with the first; an unknown field, within and behind.
    let unknown: [UInt8] = [0x78, 1]
    for odd in [bytes + bytes, bytes + unknown, Self.within(bytes, unknown)] {
      #expect(AgentMessage(samplesIn: odd) == nil)
      #expect(try Self.decoded(odd) == Self.decoded(bytes))
    }
    let others: [AgentSessionRequest.Message] = [
      .leaseRequest(LeaseRequest()), .heartbeat(Heartbeat()),
    ]
    for other in others {
      #expect(AgentMessage(samplesIn: AgentSessionRequest(message: other).encoded()) == nil)
    }
    #expect(AgentMessage(samplesIn: []) == nil)
  }

  @Test("ids that are none, and a lease that is missing, are left to decoding")
  func ids() {
    for (batch, execution) in [("", "e"), ("b", ""), ("b", " e"), ("b\u{7}", "e")] {
      let lease = LeaseReference(batchId: batch, fencingToken: 1)
      let bytes = AgentSessionRequest(
        message: .samples(SampleBatch(lease: lease, executionId: execution))
      ).encoded()
      #expect(AgentMessage(samplesIn: bytes) == nil)
    }
    let homeless = AgentSessionRequest(message: .samples(SampleBatch(executionId: "e")))
    #expect(AgentMessage(samplesIn: homeless.encoded()) == nil)
  }

  @Test("a message that is cut off anywhere is none")
  func cut() {
    let bytes = Self.bytes([Self.sample(5)])
    for end in bytes.indices { #expect(AgentMessage(samplesIn: Array(bytes[..<end])) == nil) }
  }

  /// Bytes behind the fields of the message that is all of `bytes`.
  private static func within(_ bytes: [UInt8], _ fields: [UInt8]) -> [UInt8] {
    // Tag and length have a byte each here.
    [bytes[0], bytes[1] + UInt8(fields.count)] + bytes[2...] + fields
  }
}
