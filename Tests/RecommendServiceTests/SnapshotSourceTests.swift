import Storage
import Synchronization
import Testing

@testable import RecommendService

@Suite("The snapshot that follows the data")
struct SnapshotSourceTests {
  private let data = Data()
  private let source: SnapshotSource

  init() {
    source = SnapshotSource(
      store: data, now: { [data] in data.now }, sleep: { [data] in data.pass($0) })
  }

  @Test("nothing is at hand before the first question, and then it is for a second")
  func ageing() async throws {
    #expect(source.current(for: []) == nil)
    let first = try await source.fresh(for: [])
    #expect(source.current(for: []) === first)
    data.pass(.milliseconds(499))
    #expect(source.current(for: []) === first)
    #expect(data.checks == 0, "nobody looks before half of the time is over")
    data.pass(.milliseconds(501))
    #expect(source.current(for: []) == nil)
    let again = try await source.fresh(for: [])
    #expect(again === first, "data that has not moved is not read again")
    #expect(data.readings == 1)
  }

  @Test("who asks in the second half of the second has the data looked at, and does not wait")
  func lookedAtMeanwhile() async throws {
    let first = try await source.fresh(for: [])
    data.move()
    data.pass(.milliseconds(500))
    #expect(source.current(for: []) === first)
    try await becomes { source.current(for: [])?.version == 1 }
  }

  @Test("what somebody else moved is read at once, and nobody waits for it")
  func noted() async throws {
    let first = try await source.fresh(for: [])
    data.move()
    data.pass(.milliseconds(100))
    source.noteChange()
    #expect(source.current(for: []) === first)
    try await becomes { source.current(for: [])?.version == 1 }
  }

  @Test("who asks for what was just written waits, and reads it")
  func written() async throws {
    let first = try await source.fresh(for: ["a"])
    data.move()
    source.invalidate(["a"])
    #expect(source.current(for: ["a"]) == nil && source.current(for: []) == nil)
    #expect(source.current(for: ["b", "c"]) === first, "others do not wait")
    let second = try await source.fresh(for: ["a"])
    #expect(second.version == 1)
    data.move()
    source.invalidate(nil)
    #expect(source.current(for: ["b"]) == nil, "what concerns all is waited for by all")
    #expect(try await source.fresh(for: ["b"]).version == 2)
  }

  @Test(
    "all data is read again after ten times what that takes, or a second",
    arguments: [(Duration.milliseconds(3), Duration.milliseconds(20)), (.seconds(2), .zero)])
  func pace(cost: Duration, wait: Duration) async throws {
    data.set(cost: cost)
    _ = try await source.fresh(for: [])
    data.pass(.milliseconds(7))
    data.move()
    source.invalidate(nil)
    let asked = data.now
    #expect(try await source.fresh(for: []).version == 1)
    #expect(data.now - asked == wait + cost)
  }

  @Test("what is written while all is read is waited for once more")
  func overtaken() async throws {
    _ = try await source.fresh(for: [])
    data.hold()
    data.move()
    source.invalidate(["a"])
    async let early = source.fresh(for: ["a"])
    try await becomes { data.isHeld }
    #expect(source.current(for: ["a"]) == nil, "the reading that seeks it has not ended")
    #expect(source.current(for: ["b"])?.version == 0)
    data.move()
    source.invalidate(["b"])
    async let late = source.fresh(for: ["b"])
    data.letGo()
    let versions = try await (early.version, late.version)
    #expect(versions == (1, 2))
    #expect(source.current(for: ["a", "b"])?.version == 2)
  }

  @Test("what a reading that failed was to find is waited for still")
  func failure() async throws {
    let first = try await source.fresh(for: [])
    data.move()
    source.invalidate(["a"])
    data.fail(true)
    await #expect(throws: StorageError.self) { try await source.fresh(for: ["a"]) }
    #expect(source.current(for: ["a"]) == nil)
    #expect(source.current(for: ["b"]) === first)
    data.fail(false)
    #expect(try await source.fresh(for: ["a"]).version == 1)
  }

  @Test("while the store fails, or does not answer, what is held answers what did not move")
  func outage() async throws {
    let first = try await source.fresh(for: [])
    data.pass(.seconds(60))
    data.fail(true)
    #expect(source.current(for: []) == nil, "nobody knows yet")
    #expect(try await source.fresh(for: []) === first)
    #expect(source.current(for: []) === first)
    data.fail(false)
    data.pass(.seconds(60))
    data.move()
    data.hold()
    async let asked = source.fresh(for: ["a"])
    try await becomes { data.isHeld }
    #expect(source.current(for: []) == nil, "the look may take a moment")
    data.pass(.seconds(1))
    #expect(source.current(for: []) === first)
    data.letGo()
    let answer = try await asked
    #expect(answer.version == 1)
  }

  @Test("who asks for a model while a result of it is written waits for a look behind his question")
  func underWay() async throws {
    _ = try await source.fresh(for: [])
    source.beginWrite(of: "a")
    #expect(source.current(for: ["a"]) == nil && source.current(for: []) == nil)
    #expect(source.current(for: ["b"]) != nil)
    data.hold()
    data.move()
    source.invalidate(["b"])
    async let early = source.fresh(for: ["b"])
    try await becomes { data.isHeld }
    data.move()
    async let late = source.fresh(for: ["a"])
    data.letGo()
    let versions = try await (early.version, late.version)
    #expect(versions == (1, 2))
    source.endWrite(of: "a")
    #expect(source.current(for: ["a"]) == nil, "it is written only now")
    #expect(try await source.fresh(for: ["a"]).version == 2)
    #expect(source.current(for: ["a"]) != nil)
  }

  @Test("writers who change the data while it is read get what they wrote")
  func writers() async throws {
    try await withThrowingTaskGroup(of: Void.self) { [data, source] group in
      for writer in 1...16 {
        group.addTask {
          let version = data.move()
          source.invalidate(["\(writer)"])
          let snapshot = try await source.fresh(for: ["\(writer)"])
          #expect(snapshot.version >= version)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await source.fresh(for: []).version == 16)
  }

  @Test("many who ask at once share one reading")
  func sharing() async throws {
    let snapshots = try await withThrowingTaskGroup(of: RankingSnapshot.self) { [source] group in
      for _ in 0..<16 { group.addTask { try await source.fresh(for: []) } }
      return try await group.reduce(into: [RankingSnapshot]()) { $0.append($1) }
    }
    #expect(Set(snapshots.map { ObjectIdentifier($0) }).count == 1)
    #expect(data.readings == 1)
  }

  @Test("more models than are worth a list are all of them")
  func bounded() {
    var moved = MovedModels()
    moved.add(Set((0..<1_000).map { "\($0)" }))
    #expect(moved.concern(["7"]) && !moved.concern(["other"]))
    moved.add(["1000"])
    #expect(moved.concern(["other"]))
  }

  /// Waits for what another task brings about.
  private func becomes(_ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
      try #require(ContinuousClock.now < deadline)
      try await Task.sleep(for: .milliseconds(1))
    }
  }
}

/// A store of nothing but a version, and a clock that moves by what is done.
private final class Data: RankingStore {
  private struct State {
    var now = ContinuousClock.now
    var version: Int64 = 0
    var cost = Duration.zero
    var checks = 0
    var readings = 0
    var fails = false
    var holds = false
    var held: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  var now: ContinuousClock.Instant { state.withLock(\.now) }
  var checks: Int { state.withLock(\.checks) }
  var readings: Int { state.withLock(\.readings) }
  var isHeld: Bool { state.withLock { $0.held != nil } }

  func pass(_ duration: Duration) { state.withLock { $0.now += duration } }
  func set(cost: Duration) { state.withLock { $0.cost = cost } }
  func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
  func hold() { state.withLock { $0.holds = true } }

  func letGo() {
    let held = state.withLock { state in
      state.holds = false
      defer { state.held = nil }
      return state.held
    }
    held?.resume()
  }

  @discardableResult
  func move() -> Int64 {
    state.withLock { state in
      state.version += 1
      return state.version
    }
  }

  func dataVersion() async throws -> Int64 {
    try state.withLock { state in
      state.checks += 1
      if state.fails { throw StorageError(.unavailable, "It is away.") }
      return state.version
    }
  }

  func snapshot() async throws -> CatalogSnapshot {
    let version = try state.withLock { state in
      state.readings += 1
      state.now += state.cost
      if state.fails { throw StorageError(.unavailable, "It is away.") }
      return state.version
    }
    await withCheckedContinuation { continuation in
      let goesOn = state.withLock { state in
        if state.holds { state.held = continuation }
        return !state.holds
      }
      if goesOn { continuation.resume() }
    }
    return CatalogSnapshot(version: version, results: [], hardware: [], prices: [], models: [])
  }
}
