import BenchmarkDomain
import Storage
import Synchronization
import Testing

@testable import RecommendService

@Suite("The cache of encoded answers")
struct AnswerCacheTests {
  private func bytes(_ found: AnswerCache<Int>.Found) async throws -> [UInt8] {
    switch found {
    case .answer(let bytes): bytes
    case .computing(let task): try await task.value.bytes
    }
  }

  /// Data of a version, with an epoch of its own unless one is said.
  private func data(_ version: Int64, epoch: UInt64? = nil) -> AnswerCache<Int>.Data {
    var named = DataEpoch()
    named.add(epoch ?? UInt64(version))
    return AnswerCache<Int>.Data(version: version, epoch: named)
  }

  @Test("concurrent misses of one question compute once, and later it is at hand")
  func once() async throws {
    let cache = AnswerCache<Int>()
    let calls = Atomic<Int>(0)
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<32 {
        let found = cache.answer(7, of: data(1)) {
          calls.add(1, ordering: .relaxed)
          return .init([1, 2, 3])
        }
        group.addTask { try await self.bytes(found) }
      }
      for try await answer in group { #expect(answer == [1, 2, 3]) }
    }
    #expect(calls.load(ordering: .relaxed) == 1)
    guard case .answer([1, 2, 3]) = cache.answer(7, of: data(1), compute: { .init([]) }) else {
      Issue.record("the answer was not kept")
      return
    }
  }

  @Test("a newer version forgets the answers of the older one")
  func versions() async throws {
    let cache = AnswerCache<Int>()
    #expect(try await bytes(cache.answer(7, of: data(1)) { .init([1]) }) == [1])
    #expect(try await bytes(cache.answer(7, of: data(2)) { .init([2]) }) == [2])
    #expect(try await bytes(cache.answer(7, of: data(1)) { .init([3]) }) == [3])
    #expect(try await bytes(cache.answer(7, of: data(2)) { .init([4]) }) == [2])
  }

  @Test("an answer holds while its epoch does, whatever the version")
  func epochs() async throws {
    let cache = AnswerCache<Int>()
    #expect(try await bytes(cache.answer(7, of: data(1, epoch: 5)) { .init([1]) }) == [1])
    #expect(try await bytes(cache.answer(7, of: data(9, epoch: 5)) { .init([2]) }) == [1])
    // A snapshot from before does not bring an old answer back.
    #expect(try await bytes(cache.answer(7, of: data(8, epoch: 4)) { .init([3]) }) == [3])
    #expect(try await bytes(cache.answer(7, of: data(9, epoch: 5)) { .init([4]) }) == [1])
    #expect(try await bytes(cache.answer(7, of: data(10, epoch: 6)) { .init([5]) }) == [5])
    #expect(cache.count == 1)
  }

  @Test("an answer that was overtaken while it was computed is not kept")
  func overtaken() async throws {
    let cache = AnswerCache<Int>()
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let slow = cache.answer(7, of: data(1)) {
      for await _ in gate {}
      return .init([1])
    }
    #expect(try await bytes(cache.answer(7, of: data(2)) { .init([2]) }) == [2])
    opener.finish()
    #expect(try await bytes(slow) == [1])
    #expect(try await bytes(cache.answer(7, of: data(2)) { .init([3]) }) == [2])
  }

  @Test("a failure is told to all who wait and is not kept")
  func failure() async throws {
    struct Broken: Error {}
    let cache = AnswerCache<Int>()
    await #expect(throws: Broken.self) {
      try await bytes(cache.answer(7, of: data(1)) { throw Broken() })
    }
    #expect(try await bytes(cache.answer(7, of: data(1)) { .init([1]) }) == [1])
  }

  @Test("entries and bytes stay within their bounds, and what was used last stays")
  func bounded() async throws {
    let cache = AnswerCache<Int>(maximumEntries: 8, maximumBytes: 1_000)
    for question in 0..<100 {
      _ = try await bytes(cache.answer(question, of: data(1)) { .init([UInt8(question)]) })
      #expect(cache.count <= 8)
      #expect(try await bytes(cache.answer(0, of: data(1)) { .init([99]) }) == [0])
    }
    let large = AnswerCache<Int>(maximumEntries: 8, maximumBytes: 1_000)
    for question in 0..<10 {
      _ = try await bytes(
        large.answer(question, of: data(1)) { .init(.init(repeating: 0, count: 900)) })
    }
    #expect(large.count == 0)
  }
}
