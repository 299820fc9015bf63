import Testing

@testable import APIBindings

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Encodes what decodes, which must then come out the same for ever.
func settles<M: APIMessage>(_ type: M.Type, _ bytes: [UInt8]) -> Bool {
  guard let first = try? M(decoding: bytes) else { return true }  // refused is fine
  let once = first.encoded()
  guard let second = try? M(decoding: once) else { return false }
  return second.encoded() == once
}

@Suite("hostile messages")
struct HostileMessageTests {
  @Test("millions of empty messages are refused by the memory that they would take")
  func arenaBomb() {
    let bomb = Array(repeatElement([0x0a, 0x00] as [UInt8], count: 1_500_000).joined())
    #expect(
      failure(ListRunsResponse.self, bomb)
        == DecodingFailure(field: "", reason: .needsTooMuchMemory))
  }

  @Test("many merges of one growing message are refused by the memory that they would take")
  func mergeBomb() {
    let part = GetRunResponse(run: Run(batches: [Batch(), Batch(), Batch(), Batch()])).encoded()
    let bomb = Array(repeatElement(part, count: 100_000).joined())
    #expect(failure(GetRunResponse.self, bomb)?.reason == .needsTooMuchMemory)
  }

  @Test("messages within messages have a limit")
  func depth() throws {
    let bytes = ListResultsResponse(
      results: [ConfigurationResult(result: Result(provenance: Provenance()))]
    ).encoded()
    let limits = DecodingLimits(depth: 3)
    #expect(throws: DecodingFailure(field: "results[0].result.provenance", reason: .tooDeep)) {
      try ListResultsResponse(decoding: bytes, limits: limits)
    }
    #expect(throws: Never.self) {
      try ListResultsResponse(decoding: bytes, limits: DecodingLimits(depth: 4))
    }
  }

  @Test("random bytes never crash and never decode to something unstable")
  func randomBytes() {
    var generator = SeededGenerator(state: 1)
    for round in 0..<100 {
      for type in APIMessages.all {
        let length = Int.random(in: 0...60, using: &generator)
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let isStable = settles(type, bytes)
        #expect(isStable, "round \(round), \(type): \(bytes)")
      }
    }
  }

  @Test("damaged messages never crash and never decode to something unstable")
  func damagedMessages() {
    var generator = SeededGenerator(state: 2)
    let whole = sample.encoded()
    for round in 0..<20_000 {
      var bytes = whole
      for _ in 0...Int.random(in: 0...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        default: bytes += bytes[place...]
        }
      }
      #expect(settles(LeaseGrant.self, bytes), "round \(round): \(bytes)")
    }
  }

  private var sample: LeaseGrant {
    LeaseGrant(
      lease: LeaseReference(batchId: "b", fencingToken: 7), runId: "r", seed: .max,
      items: [
        WorkItem(
          executionId: "e",
          configuration: Configuration(
            id: "c1", workload: Workload(inputTokens: 1, concurrency: 3),
            extraDimensions: [Dimension(name: "n", value: "v")]),
          committedRequests: [1, 2, 3]),
        WorkItem(),
      ],
      models: [Model(id: "m", createdAt: Timestamp(seconds: 1, nanos: 2))])
  }
}
