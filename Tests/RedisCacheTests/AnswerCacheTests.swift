import Reactor
import RedisClient
import Storage
import Synchronization
import TestServers
import Testing

@testable import RedisCache

@Suite("The cache that replicas share", .serialized)
struct AnswerCacheTests {
  let loop: EventLoop
  let key = AnswerKey(Array("question of model m, epoch 7".utf8))

  init() throws { loop = try EventLoop(name: "cache") }

  private func cache(
    _ server: RedisServer, _ change: (inout RedisAnswerCache.Limits) -> Void = { _ in }
  ) async throws -> RedisAnswerCache {
    var redis = RedisConfiguration(try RedisURL(parsing: server.url))
    redis.backoff = .milliseconds(5) ... .milliseconds(20)
    redis.answerTimeout = .milliseconds(500)
    redis.connectTimeout = .milliseconds(500)
    var limits = RedisAnswerCache.Limits()
    // A busy machine is not what most tests are about.
    limits.timeout = .seconds(5)
    limits.wait = .seconds(5)
    limits.breaker.slow = .seconds(5)
    limits.breaker.pause = .milliseconds(20) ... .milliseconds(50)
    change(&limits)
    let cache = RedisAnswerCache(redis, limits, loop: loop)
    await cache.start()
    return cache
  }

  /// Somebody who does what they like to the server.
  private func run(_ server: RedisServer, _ command: RedisCommand) async throws -> RedisValue {
    let configuration = RedisConfiguration(try RedisURL(parsing: server.url))
    let connection = try await RedisConnection.connect(configuration, loop: loop)
    let value = try await connection.run(command)
    await connection.close()
    return value
  }

  private func name(_ server: RedisServer, _ pattern: String) async throws -> String {
    let names = try await run(server, RedisCommand("KEYS", pattern))
    guard case .array(let list) = names, case .string(let name) = try #require(list.first) else {
      return ""
    }
    return String(decoding: name, as: UTF8.self)
  }

  @Test("what one replica has put another gets, for a while")
  func sharing() async throws {
    let server = try RedisServer()
    let (one, other) = (try await cache(server), try await cache(server))
    #expect(await one.get(key) == nil)
    await one.put(key, [1, 2, 0, 255])
    #expect(await other.get(key) == [1, 2, 0, 255])
    await one.put(AnswerKey([]), [])
    #expect(await other.get(AnswerKey([])) == [])
    #expect(await other.get(AnswerKey([0])) == nil)
    let life = try await run(server, RedisCommand("PTTL", try await name(server, "*answer*")))
    #expect((590_000...600_000).contains(try life.integer()))
    #expect(one.counters.misses == 1 && one.counters.stores == 2)
    #expect(other.counters.hits == 2 && other.counters.misses == 1)
    #expect(one.counters.errors == 0 && other.counters.errors == 0)
    await one.stop()
    await other.stop()
  }

  @Test("answers too large are not kept, and what is not ours is not taken for an answer")
  func strangeValues() async throws {
    let server = try RedisServer()
    let cache = try await cache(server) { $0.maxBytes = 1_000 }
    await cache.put(key, [UInt8](repeating: 0, count: 1_000))
    #expect(await cache.get(key) == nil && cache.counters.oversized == 1)
    await cache.put(key, [1])
    let name = try await name(server, "*answer*")
    for value in ["", "BFA1", "nonsense", "BFA1\u{1}\0\0\0x", String(repeating: "x", count: 900)] {
      _ = try await run(server, RedisCommand("SET", name, value))
      #expect(await cache.get(key) == nil)
    }
    // Another question of the same hash.
    let other = AnswerKey(Array("question of model n, epoch 7".utf8))
    _ = try await run(server, RedisCommand("SET", name, StoredAnswer.encode([9], of: other)))
    #expect(await cache.get(key) == nil)
    // A part of an answer.
    let part = Array(StoredAnswer.encode([1, 2, 3], of: key).dropLast())
    _ = try await run(server, RedisCommand("SET", name, part))
    #expect(await cache.get(key) == nil)
    _ = try await run(server, RedisCommand("DEL", name))
    _ = try await run(server, RedisCommand("RPUSH", name, "a", "list"))
    #expect(await cache.get(key) == nil)
    #expect(await cache.claim(key) == .alone)
    #expect(cache.counters.errors == 9 && cache.counters.state == .closed)
    await cache.stop()
  }

  @Test("of many replicas that miss at once one computes, and all have its answer")
  func singleFlight() async throws {
    let server = try RedisServer()
    var replicas: [RedisAnswerCache] = []
    for _ in 0..<4 { replicas.append(try await cache(server)) }
    let key = key
    for round in 0..<10 {
      let computed = Counter()
      let key = AnswerKey(key.bytes + [UInt8(round)])
      let answers = try await withThrowingTaskGroup(of: SharedAnswer.self) { group in
        for replica in replicas + replicas {
          group.addTask {
            try await replica.answer(key) {
              computed.value.add(1, ordering: .relaxed)
              return [UInt8(round)]
            }
          }
        }
        return try await group.reduce(into: [SharedAnswer]()) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0.bytes == [UInt8(round)] })
      #expect(answers.count { !$0.wasThere } == 1)
      #expect(computed.value.load(ordering: .relaxed) == 1)
    }
    for replica in replicas { await replica.stop() }
  }

  @Test("a claim is waited for until it ends, or for a bounded time; only its holder ends it")
  func claims() async throws {
    let server = try RedisServer()
    let holder = try await cache(server) { $0.claimLifetime = .seconds(60) }
    let patient = try await cache(server)
    let hasty = try await cache(server) { $0.wait = .milliseconds(20) }
    let claim = await holder.claim(key)
    guard case .granted(let token) = claim else {
      Issue.record("nobody else has it")
      return
    }
    #expect(await hasty.claim(key) == .alone)
    #expect(hasty.counters.expiredWaits == 1)
    await hasty.release(key, token: "another")
    #expect(await hasty.claim(key) == .alone)
    let key = key
    let waiting = Task { await patient.claim(key) }
    await holder.release(key, token: token)
    guard case .granted(let second) = await waiting.value else {
      Issue.record("the claim was not passed on")
      return
    }
    // What the first holder still believes changes nothing.
    await holder.release(key, token: token)
    let further = Task { await holder.claim(key) }
    await patient.put(key, [5])
    #expect(await further.value == .answer([5]))
    await patient.release(key, token: second)
    for cache in [holder, patient, hasty] { await cache.stop() }
  }

  @Test("the claim of a replica that died ends by itself, and what fails to compute is told")
  func lostClaims() async throws {
    struct Broken: Error {}
    let server = try RedisServer()
    let cache = try await cache(server) { $0.claimLifetime = .milliseconds(50) }
    guard case .granted = await cache.claim(key) else {
      Issue.record("nobody else has it")
      return
    }
    await #expect(throws: Broken.self) { try await cache.answer(key) { throw Broken() } }
    #expect(try await cache.answer(key) { [3] } == SharedAnswer([3], wasThere: false))
    #expect(try await cache.answer(key) { [4] } == SharedAnswer([3], wasThere: true))
    await cache.stop()
  }

  // MARK: Redis down, slow, flushed, full

  @Test("without a Redis everything is computed, at once after a few tries")
  func outages() async throws {
    let server = try RedisServer()
    let cache = try await cache(server)
    #expect(try await cache.answer(key) { [1] }.wasThere == false)
    server.kill9()
    for number in 0..<50 {
      let answer = try await cache.answer(key) { [UInt8(number)] }
      #expect(answer.bytes == [UInt8(number)] || answer.bytes == [1])
    }
    let counters = cache.counters
    #expect(counters.state != .closed && counters.openings >= 1)
    #expect(counters.errors >= 5 && counters.refused > counters.errors)
    #expect(await cache.look()?.cause == .unreachable)
    try server.start()
    try await recovers(cache)
    await cache.stop()
  }

  /// Waits until answers are kept again.
  private func recovers(_ cache: RedisAnswerCache) async throws {
    let limit = loop.now().advanced(by: .seconds(20))
    while await cache.get(key) != [7], loop.now() < limit {
      await cache.put(key, [7])
      try await loop.sleep(for: .milliseconds(5))
    }
    #expect(await cache.get(key) == [7])
    #expect(cache.counters.state == .closed)
    #expect(await cache.look() == nil)
  }

  @Test("a Redis that refuses us, or is full, is told as what it is, without the password")
  func trouble() async throws {
    let locked = try RedisServer(password: "other-s3cret")
    var redis = RedisConfiguration(
      try RedisURL(parsing: "redis://:s3cret@127.0.0.1:\(locked.port)"))
    redis.backoff = .milliseconds(5) ... .milliseconds(20)
    let refused = RedisAnswerCache(redis, loop: loop)
    await refused.start()
    while await refused.look() == nil { await Task.yield() }
    let outage = await refused.look()
    #expect(outage?.cause == .refused && outage?.reason.contains("s3cret") == false)
    await refused.stop()

    let full = try RedisServer(["maxmemory 1", "maxmemory-policy noeviction"])
    let cache = try await cache(full)
    await cache.put(key, [1])
    #expect(await cache.look()?.cause == .full)
    // Reading goes on, and ends nothing.
    #expect(await cache.get(key) == nil)
    #expect(await cache.look()?.cause == .full)
    _ = try await run(full, RedisCommand("CONFIG", "SET", "maxmemory", "0"))
    await cache.put(key, [1])
    #expect(await cache.look() == nil)
    await cache.stop()
  }

  @Test("a Redis that hangs costs a call its bound, and after a few calls nothing")
  func hangs() async throws {
    let server = try RedisServer()
    let cache = try await cache(server) {
      $0.timeout = .milliseconds(20)
      $0.breaker.pause = .seconds(60) ... .seconds(60)
    }
    await cache.put(key, [1])
    server.pause()
    for _ in 0..<5 { #expect(await cache.get(key) == nil) }
    #expect(cache.counters.state == .open)
    let refused = cache.counters.refused
    for _ in 0..<1_000 { #expect(await cache.get(key) == nil) }
    #expect(cache.counters.refused == refused + 1_000)
    server.goOn()
    await cache.stop()
  }

  @Test("a Redis that was paused is used again")
  func pauses() async throws {
    let server = try RedisServer()
    let cache = try await cache(server)
    await cache.put(key, [1])
    server.pause()
    while cache.counters.openings == 0 { _ = await cache.get(key) }
    server.goOn()
    try await recovers(cache)
    await cache.stop()
  }

  @Test("that it is well again is seen though nobody asks for anything", arguments: [1, 20])
  func seenWell(failures: Int) async throws {
    let server = try RedisServer()
    let cache = try await cache(server) { $0.timeout = .milliseconds(20) }
    await cache.put(key, [1])
    server.pause()
    for _ in 0..<failures { await cache.put(key, [2]) }
    #expect(await cache.look() != nil)
    server.goOn()
    while await cache.look() != nil { try await loop.sleep(for: .milliseconds(5)) }
    #expect(cache.counters.state == .closed)
    await cache.stop()
  }

  @Test("answers that were flushed, or pushed out, are computed anew")
  func flushes() async throws {
    let server = try RedisServer(["maxmemory 3mb", "maxmemory-policy allkeys-lru"])
    let cache = try await cache(server)
    await cache.put(key, [1])
    _ = try await run(server, RedisCommand("FLUSHALL"))
    #expect(try await cache.answer(key) { [2] } == SharedAnswer([2], wasThere: false))
    let block = [UInt8](repeating: 1, count: 900_000)
    for number in 0..<20 {
      let key = AnswerKey([UInt8(number)])
      #expect(try await cache.answer(key) { block }.bytes == block)
    }
    #expect(cache.counters.state == .closed && cache.counters.errors == 0)
    await cache.stop()
  }

  @Test("a full Redis keeps nothing more, still answers, and keeps the breaker closed")
  func fullServers() async throws {
    let server = try RedisServer(["maxmemory 3mb", "maxmemory-policy noeviction"])
    let cache = try await cache(server)
    await cache.put(key, [1])
    let block = [UInt8](repeating: 1, count: 900_000)
    for number in 0..<20 { await cache.put(AnswerKey([UInt8(number)]), block) }
    #expect(await cache.get(key) == [1])
    #expect(cache.counters.errors > 5 && cache.counters.state == .closed)
    await cache.stop()
  }

  @Test("a Redis with another password, or that is none, is an outage")
  func strangers() async throws {
    let server = try RedisServer(["requirepass secret"])
    let locked = try await cache(server)
    let garbage = try ScriptedServer([Array("HTTP/1.1 200 OK\r\n".utf8)])
    let redis = RedisConfiguration(try RedisURL(parsing: "redis://127.0.0.1:\(garbage.port)"))
    let mad = RedisAnswerCache(redis, loop: loop)
    await mad.start()
    for cache in [locked, mad] {
      for number in 0..<20 {
        let answer = try await cache.answer(key) { [UInt8(number)] }
        #expect(answer == SharedAnswer([UInt8(number)], wasThere: false))
      }
      #expect(cache.counters.openings >= 1)
      await cache.stop()
    }
    garbage.end()
  }
}

private final class Counter: Sendable {
  let value = Atomic(0)
}
