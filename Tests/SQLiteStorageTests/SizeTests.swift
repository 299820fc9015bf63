import BenchmarkDomain
import Storage
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("Large runs")
struct SizeTests {
  @Test("a run of 9,000 configurations is created and cancelled whole")
  func largeRun() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteStore(folder: folder.path)
    let (run, batches, executions) = Example.run(batches: 90, configurations: 100)
    let clock = ContinuousClock()
    let creation = try await clock.measure {
      _ = try await store.create(run, batches: batches, executions: executions)
    }
    let cancelling = try await clock.measure { _ = try await store.cancelRun("run") }
    print("9,000 configurations: created in \(creation), cancelled in \(cancelling)")
    #expect(try await store.batches(runID: "run").count == 90)
    #expect(try await store.run("run")?.commitNumber == 9001)
    let log = try await store.commits(runID: "run", after: 0, limit: 10_000)
    #expect(log.map(\.number) == Array(1...9001))
    #expect(
      try await store.configurations(
        filter: ConfigurationFilter(), order: ListOrder(), page: PageRequest(size: 1000)
      ).items.count == 1000)
  }
}
