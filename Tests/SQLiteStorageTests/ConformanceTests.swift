import BenchmarkDomain
import SQLiteStorage
import Storage
import TestSupport
import Testing

@Suite("SQLite does what every store must do")
struct ConformanceTests {
  @Test("conformance", arguments: StorageConformance.all)
  func conforms(_ promise: StorageConformance) async throws {
    let folder = try TemporaryFolder()
    let clock = TestClock()
    let store = try SQLiteStore(folder: folder.path) { clock.now }
    try await promise.run(StoreUnderTest(store: store, clock: clock))
  }
}
