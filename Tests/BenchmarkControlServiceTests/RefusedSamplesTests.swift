import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Samples that no execution may have")
struct RefusedSamplesTests {
  /// What no request can be; the executions ask for 64 tokens.
  private static let faults: [(words: String, change: @Sendable (inout RequestSample) -> Void)] = [
    ("first byte lies before sent", { $0.firstByte = $0.sent - 1 }),
    ("last content without first content", { $0.firstContent = 0 }),
    (
      "first content came before",
      {
        $0.sent = $0.firstByte
        $0.firstContent = $0.sent
      }
    ),
    ("HTTP status 500", { $0.httpStatus = 500 }),
    ("without a token", { $0.outputTokens = 0 }),
    ("10000000 output tokens", { $0.outputTokens = 10_000_000 }),
    ("65 output tokens", { $0.outputTokens = 65 }),
    ("73 chunks", { $0.contentChunks = 73 }),
    ("4000000000 input tokens", { $0.inputTokens = 4_000_000_000 }),
    ("the gaps end within a number", { $0.gaps = [0xFF, 0xFF] }),
    (
      "15 gaps between 3 content chunks",
      {
        $0.contentChunks = 3
        $0.gaps = ArraySlice(repeating: 0, count: 15)
      }
    ),
    ("do not lead from first to last", { $0.gaps = ArraySlice(repeating: 1, count: 63) }),
    ("a stamp lies behind", { $0.end = .max }),
  ]

  @Test("they fail their execution with the reason, and the session goes on", arguments: 0..<13)
  func fails(index: Int) async throws {
    let (words, change) = Self.faults[index]
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1, 2])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    let item = lease.items[0]
    try await agent.measure(item, lease.fence, [0, 1], sequence: 1)
    var bad = HandAgent.sample(2)
    change(&bad)
    try await agent.session.receive(
      .samples(lease.fence, executionID: item.executionID, sequence: 2, [bad]))
    let reason = await agent.next {
      if case .revoked(lease.fence, .superseded, let reason) = $0 { reason } else { nil }
    }
    #expect(reason?.contains(words) == true, "\(reason ?? "")")
    let failed = try #require(try await rig.store.execution(item.executionID))
    #expect(failed.state == .failed)
    #expect(failed.failure.contains("sample 2") && failed.failure.contains(words))
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 2)
    // What the batch has besides is measured under the next lease, and the run ends.
    try await agent.session.receive(.leaseRequest)
    let next = try #require(await agent.nextLease())
    #expect(next.items.map(\.executionID) == [lease.items[1].executionID])
    try await agent.measure(next.items[0], next.fence, [0, 1, 2, 3], sequence: 3)
    try await agent.session.receive(
      .executionFinished(next.fence, executionID: next.items[0].executionID))
    #expect(try await rig.store.run(run.id)?.state == .completed)
  }

  @Test("a message that cannot be read fails the execution likewise, and only under its lease")
  func unreadable() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    let refused = RefusedSamples(
      fence: lease.fence, executionID: lease.items[0].executionID,
      reason: "samples.samples[0].input_tokens must be from 0 to 10000000, not 4000000000")
    let other = HandAgent("b", rig)
    try await other.hello(rig)
    try await other.session.refuse(refused)
    #expect(await other.nextRevocation() == .superseded)
    #expect(try await rig.store.execution(refused.executionID)?.state == .pending)
    try await agent.session.refuse(refused)
    #expect(await agent.nextRevocation() == .superseded)
    let failed = try #require(try await rig.store.execution(refused.executionID))
    #expect(failed.state == .failed && failed.failure.contains("input_tokens"))
    #expect(try await rig.store.run(run.id)?.state == .failed)
  }

  @Test("what the database cannot store fails its execution, and the batch goes on without it")
  func unstorable() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1, 2])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    let error = StorageError(.invalid, "A value cannot be stored by the database.")
    rig.faults.refuseSamples(of: lease.items[0].executionID, because: error)
    try await agent.measure(lease.items[0], lease.fence, [0, 1], sequence: 1)
    #expect(await agent.nextRevocation() == .superseded)
    let failed = try #require(try await rig.store.execution(lease.items[0].executionID))
    #expect(failed.state == .failed && failed.failure == "refused: \(error.message)")
    try await agent.session.receive(.leaseRequest)
    let next = try #require(await agent.nextLease())
    #expect(next.items.map(\.executionID) == [lease.items[1].executionID])
    try await agent.measure(next.items[0], next.fence, [0, 1, 2, 3], sequence: 2)
    #expect(await agent.nextAcknowledgement() == 2)
    try await agent.session.receive(
      .executionFinished(next.fence, executionID: next.items[0].executionID))
    #expect(try await rig.store.run(run.id)?.state == .completed)
  }
}
