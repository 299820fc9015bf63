import BenchmarkDomain
import Storage
import TestSupport
import Testing

@testable import Archive

@Suite("Moving a store")
struct RoundTripTests {
  let clock = TestClock()

  /// A place with some of everything.
  private func filled(_ place: Place) async throws -> any PlaceUnderTest {
    let made = try await place.make()
    try await made.withStore(clock: clock) { try await Content.fill($0, clock) }
    return made
  }

  private func answers(_ place: any PlaceUnderTest) async throws -> Answers {
    try await place.withStore(clock: clock) { try await Answers(of: $0) }
  }

  @Test(
    "everything is the same on the other side", arguments: Place.allCases, Place.allCases)
  func roundTrip(from: Place, to: Place) async throws {
    let (source, target) = (try await filled(from), try await to.make())
    let before = try await answers(source)
    let (archive, exported) = try await Transfers.export(source.transfer)
    let imported = try await Transfers.load(archive, into: target.transfer)
    #expect(imported == exported)
    #expect(exported.map(\.table) == TransferTable.all.map(\.name))
    #expect(exported.allSatisfy { $0.count > 0 }, "\(exported)")
    let after = try await answers(target)
    #expect(after == before)
    // Both stores say the same of the same content, and so does what is exported again.
    let (again, summaries) = try await Transfers.export(target.transfer)
    #expect(summaries == exported)
    #expect(again == archive)
  }

  @Test("an empty store moves too", arguments: Place.allCases, Place.allCases)
  func empty(from: Place, to: Place) async throws {
    let (source, target) = (try await from.make(), try await to.make())
    try await source.withStore(clock: clock) { _ in }
    let (archive, summaries) = try await Transfers.export(source.transfer)
    let empty = [Int64](repeating: 0, count: TransferTable.all.count - 1)
    #expect(summaries.map(\.count) == [1] + empty)
    try await Transfers.load(archive, into: target.transfer)
    try await target.withStore(clock: clock) { store in
      let version = try await store.dataVersion()
      #expect(version == 0)
    }
  }

  @Test("an agent goes on under its lease, and is superseded as ever", arguments: Place.allCases)
  func continuing(to: Place) async throws {
    let source = try await filled(to == .sqlite ? .postgres : .sqlite)
    let target = try await to.make()
    let (archive, _) = try await Transfers.export(source.transfer)
    try await Transfers.load(archive, into: target.transfer)
    try await target.withStore(clock: clock) { store in
      // What was committed before is known, and what is missing is taken.
      try await Content.commit(
        (0..<12).map { Example.sample($0) }, of: Content.halfID, Content.fence, to: store)
      let half = try #require(try await store.execution(Content.halfID))
      #expect(half.committed.missing == [])
      let samples = try await store.samples(executionID: Content.halfID)
      #expect(samples.map(\.requestIndex) == Array(0..<13))
      #expect(samples[0].gaps.count == RequestSample.maximumGapBytes)
      #expect(try await store.executionsAwaitingResult().map(\.id) == [Content.halfID])
      let renewed = try await store.renewLease(
        Content.fence, for: .seconds(60), agentID: "agent")
      #expect(renewed)
      // Another one takes over.
      try await store.updateBatch("half-b0", fence: nil) {
        $0.batch.fencingToken += 1
        $0.batch.agentID = "other"
      }
      let late = try await store.commit([
        SampleCommit(
          fence: Content.fence, executionID: "half-b0-e1", samples: [Example.sample(0)])
      ])
      #expect(late == [.superseded])
      try await Content.commit(
        [Example.sample(0)], of: "half-b0-e1", Fence(batchID: "half-b0", token: 2), to: store)
    }
  }

  @Test("what comes behind an import gets keys of its own", arguments: Place.allCases)
  func keysGoOn(to: Place) async throws {
    let (source, target) = (try await filled(.sqlite), try await to.make())
    let (archive, _) = try await Transfers.export(source.transfer)
    try await Transfers.load(archive, into: target.transfer)
    try await target.withStore(clock: clock) { store in
      let (run, batches, executions) = Example.run("new", model: "new/model")
      _ = try await store.create(run, batches: batches, executions: executions)
      let configuration = Example.configuration(model: "newer/model")
      let outcome = try await store.store(
        Example.bundle([(configuration, Example.result("new", of: configuration))]))
      #expect(outcome.storedCount == 1)
      #expect(try await store.run("new") != nil)
      #expect(try await store.batches(runID: "half").count == 1)
    }
  }

  @Test("samples beyond one page move", arguments: Place.allCases, Place.allCases)
  func pages(from: Place, to: Place) async throws {
    let (source, target) = (try await from.make(), try await to.make())
    try await source.withStore(clock: clock) { store in
      let (run, batches, executions) = Example.run("run", requests: 3000)
      _ = try await store.create(run, batches: batches, executions: executions)
      let fence = try await store.updateBatch("run-b0", fence: nil) { aggregate in
        aggregate.batch.fencingToken = 1
        aggregate.batch.agentID = "a"
        aggregate.batch.state = .leased
        return Fence(batchID: "run-b0", token: 1)
      }
      for start in stride(from: UInt32(0), to: 3000, by: 250) {
        for execution in ["run-b0-e0", "run-b0-e1"] {
          try await Content.commit(
            (start..<start + 250).map { Example.sample($0) }, of: execution, fence, to: store)
        }
      }
    }
    let (archive, exported) = try await Transfers.export(source.transfer)
    #expect(exported.first { $0.table == "request_sample" }?.count == 6000)
    #expect(try await Transfers.load(archive, into: target.transfer, piece: 1 << 16) == exported)
    try await target.withStore(clock: clock) { store in
      for execution in ["run-b0-e0", "run-b0-e1"] {
        let samples = try await store.samples(executionID: execution)
        #expect(samples == (0..<3000).map { Example.sample($0) })
      }
    }
  }
}
