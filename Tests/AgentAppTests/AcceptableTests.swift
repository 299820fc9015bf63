import BenchmarkDomain
import Statistics
import Testing

@testable import AgentApp

@Suite("What an engine says of itself")
struct AcceptableTests {
  private let good = RequestSample(
    requestIndex: 3, segment: 1, outcome: .ok, httpStatus: 200, scheduled: 5, sent: 5,
    firstByte: 10, firstContent: 10, firstVisible: 10, lastContent: 30, end: 30, inputTokens: 4,
    outputTokens: 3, tokenSource: .usage, contentChunks: 3, gaps: [10, 10])

  @Test("a sample that a server takes goes as it is; another becomes a malformed one that it takes")
  func samples() throws {
    #expect(good.acceptable(askedTokens: 3) == good)
    let changes: [@Sendable (inout RequestSample) -> Void] = [
      { $0.inputTokens = 4_000_000_000 }, { $0.outputTokens = 4 }, { $0.gaps = [0xFF] },
      { $0.httpStatus = 70_000 }, { $0.firstContent = 5 }, { $0.end = .max },
    ]
    for change in changes {
      var bad = good
      change(&bad)
      let sample = bad.acceptable(askedTokens: 3)
      #expect(sample.outcome == .malformed)
      #expect(sample.requestIndex == 3 && sample.segment == 1)
      #expect(throws: Never.self) { try sample.checkConsistency(askedTokens: 3) }
    }
  }

  @Test("an engine with a version that no server takes cannot be measured, and the reason says so")
  func identity() {
    func fault(version: String = "1", revision: String = "r") -> String? {
      let identity = EngineIdentity(
        version: version, modelRevision: revision, isSimulated: false)
      do {
        try identity.check()
        return nil
      } catch {
        return error.message
      }
    }
    #expect(fault() == nil)
    #expect(
      fault(version: String(repeating: "9", count: 5_011))
        == "the engine's version must have at most 1000 bytes, not 5011")
    #expect(fault(version: "1\u{1B}[2J")?.contains("control characters") == true)
    #expect(fault(revision: "a\nb")?.hasPrefix("the weights' revision must not contain") == true)
  }
}
