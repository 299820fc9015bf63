import BenchmarkDomain
import Foundation
import GRDB
import Storage
import Synchronization
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("Group commit")
struct GroupWriterTests {
  /// Counts transactions.
  final class Counter: TransactionObserver, Sendable {
    let commits = Mutex(0)
    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
  }

  @Test("writes that wait together share a transaction, and a refused one undoes itself alone")
  func sharing() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteStore(folder: folder.path)
    _ = try await store.register(Model(id: "taken"))
    let counter = Counter()
    try store.withWriter { $0.add(transactionObserver: counter) }
    let outcomes = try await together(store) { index in
      _ = try await store.register(
        Model(id: index == 50 ? "taken" : "model \(index)", layerCount: 1))
    }
    #expect(outcomes.count { $0 } == 99)
    #expect(counter.commits.withLock { $0 } == 2)
    #expect(try await store.models(kind: nil, page: PageRequest(size: 1000)).items.count == 100)
  }

  @Test("a write that meets damage in the file fails alone, and the others are on the disk")
  func damage() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteStore(folder: folder.path)
    let counter = Counter()
    try store.withWriter { $0.add(transactionObserver: counter) }
    let outcomes = try await together(store) { index in
      try await store.write { database, _ in
        _ = try Model(id: "model \(index)").register(database)
        if index == 50 { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
      }
    }
    #expect(outcomes.count { $0 } == 99)
    #expect(counter.commits.withLock { $0 } == 2)
    #expect(try await store.model("model 50") == nil)
    #expect(try await store.models(kind: nil, page: PageRequest(size: 1000)).items.count == 99)
  }

  /// Makes a hundred writes wait for a busy writer, lets them go at once, and says which worked.
  private func together(
    _ store: SQLiteStore, _ write: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> [Bool] {
    let gate = DispatchSemaphore(value: 0)
    let (entries, entry) = AsyncStream<Void>.makeStream()
    async let first: Void = store.write { _, _ in
      entry.finish()
      gate.wait()
    }
    // The writer is busy from here on.
    for await _ in entries {}
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<100 {
        group.addTask {
          do {
            try await write(index)
            return true
          } catch { return false }
        }
      }
      while store.waitingWriteCount < 100 { await Task.yield() }
      gate.signal()
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    try await first
    return outcomes
  }
}
