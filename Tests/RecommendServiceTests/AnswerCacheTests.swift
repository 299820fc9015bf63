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
    case .computing(let task): try await task.value
    }
  }

  @Test("concurrent misses of one question compute once, and later it is at hand")
  func once() async throws {
    let cache = AnswerCache<Int>()
    let calls = Atomic<Int>(0)
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<32 {
        let found = cache.answer(7, version: 1) {
          calls.add(1, ordering: .relaxed)
          return [1, 2, 3]
        }
        group.addTask { try await self.bytes(found) }
      }
      for try await answer in group { #expect(answer == [1, 2, 3]) }
    }
    #expect(calls.load(ordering: .relaxed) == 1)
    guard case .answer([1, 2, 3]) = cache.answer(7, version: 1, compute: { [] }) else {
      Issue.record("the answer was not kept")
      return
    }
  }

  @Test("a newer version forgets the answers of the older one")
  func versions() async throws {
    let cache = AnswerCache<Int>()
    #expect(try await bytes(cache.answer(7, version: 1) { [1] }) == [1])
    #expect(try await bytes(cache.answer(7, version: 2) { [2] }) == [2])
    #expect(try await bytes(cache.answer(7, version: 1) { [3] }) == [3])
    #expect(try await bytes(cache.answer(7, version: 2) { [4] }) == [2])
  }

  @Test("a failure is told to all who wait and is not kept")
  func failure() async throws {
    struct Broken: Error {}
    let cache = AnswerCache<Int>()
    await #expect(throws: Broken.self) {
      try await bytes(cache.answer(7, version: 1) { throw Broken() })
    }
    #expect(try await bytes(cache.answer(7, version: 1) { [1] }) == [1])
  }

  @Test("entries and bytes stay within their bounds, and what was used last stays")
  func bounded() async throws {
    let cache = AnswerCache<Int>(maximumEntries: 8, maximumBytes: 1_000)
    for question in 0..<100 {
      _ = try await bytes(cache.answer(question, version: 1) { [UInt8(question)] })
      #expect(cache.count <= 8)
      #expect(try await bytes(cache.answer(0, version: 1) { [99] }) == [0])
    }
    let large = AnswerCache<Int>(maximumEntries: 8, maximumBytes: 1_000)
    for question in 0..<10 {
      _ = try await bytes(large.answer(question, version: 1) { .init(repeating: 0, count: 900) })
    }
    #expect(large.count == 0)
  }
}
