import Storage
import Synchronization

/// A shared cache in memory, which loses nothing.
final class MemoryAnswerCache: SharedAnswerCache {
  private let answers = Mutex<[AnswerKey: [UInt8]]>([:])

  var count: Int { answers.withLock(\.count) }

  func get(_ key: AnswerKey) async -> [UInt8]? { answers.withLock { $0[key] } }
  func claim(_ key: AnswerKey) async -> AnswerClaim {
    await get(key).map { .answer($0) } ?? .granted(token: "")
  }
  func fulfil(_ key: AnswerKey, _ answer: [UInt8], token: String) async { await put(key, answer) }
  func put(_ key: AnswerKey, _ answer: [UInt8]) async { answers.withLock { $0[key] = answer } }
  func release(_ key: AnswerKey, token: String) async {}
}
