import TestSupport
import Testing

@testable import PostgresStorage

@Suite("PostgreSQL does what every store must do")
struct ConformanceTests {
  @Test("conformance", arguments: StorageConformance.all)
  func conforms(_ promise: StorageConformance) async throws {
    let clock = TestClock()
    try await TestStore.with(clock: clock) { store in
      try await promise.run(StoreUnderTest(store: store, clock: clock))
    }
  }
}
