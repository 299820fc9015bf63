import BenchmarkDomain
import Foundation
import Storage
import TestSupport

@testable import SQLiteStorage

/// A folder that is gone with its test.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension SQLiteStore {
  /// Creates a run of one configuration and leases its batch for an hour.
  func startedRun(requests: Int32 = 1000, clock: TestClock) async throws -> Fence {
    let (run, batches, executions) = Example.run(configurations: 1, requests: requests)
    _ = try await create(run, batches: batches, executions: executions)
    return try await updateBatch("run-b0", fence: nil) { aggregate in
      aggregate.batch.state = .leased
      aggregate.batch.agentID = "a"
      aggregate.batch.fencingToken = 1
      aggregate.batch.leaseExpiresAt = aggregate.now.advanced(by: .seconds(3600))
      return Fence(batchID: "run-b0", token: 1)
    }
  }

  /// Commits one sample of the run's execution.
  func commitSample(_ index: UInt32, _ fence: Fence, gaps: Int = 3) async throws {
    let sample = Example.sample(index, gaps: gaps)
    let outcomes = try await commit([
      SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [sample])
    ])
    guard case .committed = outcomes.first else {
      throw StorageError(.invalid, "The sample was not committed.")
    }
  }
}
