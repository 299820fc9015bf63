import BenchmarkDomain
import GRPC
import SQLiteStorage
import Storage
import TestSupport
import Testing

@Suite("Raw requests over the wire")
struct RequestSampleTests {
  @Test("requests that are no longer kept are said to be so, those that never were are none")
  func dropped() async throws {
    try await TestServer.run { server in
      let store = server.store
      let (run, batches, executions) = Example.run()
      _ = try await store.create(run, batches: batches, executions: executions)
      let fence = Fence(batchID: "run-b0", token: 1)
      try await store.updateBatch("run-b0", fence: nil) { aggregate in
        aggregate.batch.state = .leased
        aggregate.batch.agentID = "a"
        aggregate.batch.fencingToken = 1
      }
      _ = try await store.commit([
        SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(0)])
      ])
      let ended = try #require(try await store.cancelRun("run").endedAt)
      func requests(_ execution: Int) async throws -> Int {
        try await server.catalog.listRequestSamples(.init(executionId: "run-b0-e\(execution)"))
          .samples.count
      }
      #expect(try await requests(0) == 1)
      try await store.dropSamples(ofRunsEndedBefore: ended.advanced(by: .nanoseconds(1)))
      let refused = try await status { try await requests(0) }
      #expect(refused?.code == .failedPrecondition)
      #expect(refused?.message.hasSuffix("'run-b0-e0' are no longer kept; its result is") == true)
      #expect(try await requests(1) == 0)
    }
  }
}
