import TestSupport
import Testing

@testable import PostgresStorage

@Suite("PostgreSQL does what every store must do")
struct ConformanceTests {
  @Test("conformance", arguments: StorageConformance.all, Flavour.found)
  func conforms(_ promise: StorageConformance, on flavour: Flavour) async throws {
    let clock = TestClock()
    try await TestStore.with(flavour, clock: clock) { store in
      try await promise.run(StoreUnderTest(store: store, clock: clock))
    }
  }
}
