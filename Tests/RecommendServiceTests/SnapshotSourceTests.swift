import BenchmarkDomain
import Foundation
import SQLiteStorage
import Storage
import Synchronization
import Testing

@testable import RecommendService

@Suite("The snapshot that follows the data")
struct SnapshotSourceTests {
  /// A clock that stands until it is moved.
  private final class Clock: Sendable {
    private let state = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { state.withLock { $0 } }
    func advance(_ duration: Duration) { state.withLock { $0 += duration } }
  }

  private func with(
    _ body: (SQLiteStore, SnapshotSource, Clock) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try SQLiteStore(folder: folder.path)
    let clock = Clock()
    let source = SnapshotSource(
      store: store, now: { clock.now }, sleep: { clock.advance($0) })
    try await body(store, source, clock)
    try store.close()
  }

  private func change(_ store: SQLiteStore, _ usdPerHour: Double = 1) async throws {
    _ = try await store.register(
      PriceEntry(
        id: "", item: .hardware(id: "h", usdPerHour: usdPerHour), basis: .onDemand, offer: "o",
        source: "s", observedAt: WallTime(seconds: 1)))
  }

  @Test("nothing is at hand before the first question, and then it is for a second")
  func ageing() async throws {
    try await with { _, source, clock in
      #expect(source.current == nil)
      let first = try await source.fresh()
      #expect(source.current === first)
      clock.advance(.milliseconds(999))
      #expect(source.current === first)
      clock.advance(.milliseconds(1))
      #expect(source.current == nil)
      let again = try await source.fresh()
      #expect(again === first, "data that has not moved is not read again")
      #expect(source.current === first)
    }
  }

  @Test("new data is read once the check is due, or when the writer says so")
  func following() async throws {
    try await with { store, source, clock in
      let first = try await source.fresh()
      try await change(store)
      #expect(source.current === first)
      clock.advance(.seconds(1))
      let second = try await source.fresh()
      #expect(second.version > first.version)
      _ = try await store.register(
        PriceEntry(
          id: "", item: .hardware(id: "h", usdPerHour: 2), basis: .onDemand, offer: "o",
          source: "s", observedAt: WallTime(seconds: 2)))
      source.invalidate()
      #expect(source.current == nil)
      clock.advance(.milliseconds(250))
      let before = clock.now
      let third = try await source.fresh()
      #expect(third.version > second.version)
      #expect(clock.now - before == .milliseconds(750), "read at most once a second")
    }
  }

  @Test("writers who change the data while it is read get what they wrote, one reading at a time")
  func overtaken() async throws {
    try await with { store, source, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 1...16 {
          group.addTask {
            try await change(store, Double(writer))
            let version = try await store.dataVersion()
            source.invalidate()
            let snapshot = try await source.fresh()
            #expect(snapshot.version >= version)
          }
        }
        try await group.waitForAll()
      }
      #expect(try await source.fresh().version == store.dataVersion())
    }
  }

  @Test("many who ask at once share one reading")
  func sharing() async throws {
    try await with { _, source, _ in
      let snapshots = try await withThrowingTaskGroup(of: RankingSnapshot.self) { group in
        for _ in 0..<16 { group.addTask { try await source.fresh() } }
        return try await group.reduce(into: [RankingSnapshot]()) { $0.append($1) }
      }
      #expect(Set(snapshots.map { ObjectIdentifier($0) }).count == 1)
    }
  }
}
