import BenchmarkDomain
import Logging
import Storage
import Synchronization
import Telemetry
import Testing

@testable import ServerApp

/// Remembers records, or refuses them.
private final class AuditMemory: AuditStore {
  private struct State {
    var subjects: [String] = []
    var isAway = false
  }

  private let state = Mutex(State())

  var subjects: [String] { state.withLock { $0.subjects } }

  func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

  func append(_ calls: [(call: AuditedCall, age: Duration)]) async throws {
    try state.withLock { state in
      if state.isAway { throw StorageError(.unavailable, "The database is away.") }
      if calls.contains(where: { $0.call.subject.contains("\0") }) {
        throw StorageError(.invalid, "A value cannot be stored by the database.")
      }
      state.subjects += calls.map(\.call.subject)
    }
  }

  func auditRecords(page: PageRequest) async throws -> Page<AuditRecord> {
    Page(items: [], nextToken: "")
  }

  func dropAuditRecords(before time: WallTime) async throws {}
}

@Suite("The audit trail", .timeLimit(.minutes(1)))
struct AuditTrailTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private static func call(_ subject: String) -> AuditedCall {
    AuditedCall(caller: "ada", roles: [], method: "s/m", subject: subject, code: 0)
  }

  @Test("records wait in order while the store is away, and are written when it is back")
  func outage() async throws {
    let store = AuditMemory()
    let trail = AuditTrail(store, MetricRegistry(), Self.quiet)
    let (pauses, paused) = AsyncStream.makeStream(of: Void.self)
    store.setAway(true)
    trail.start {
      paused.yield()
      await Task.yield()
      try Task.checkCancellation()
    }
    for number in 0..<1200 { trail.add(Self.call("\(number)")) }
    for await _ in pauses { break }
    #expect(store.subjects.isEmpty)
    store.setAway(false)
    while store.subjects.count < 1200 { await Task.yield() }
    #expect(store.subjects == (0..<1200).map(String.init))
    await trail.stop()
    #expect(store.subjects.count == 1200)
  }

  @Test("a record that the store never takes is lost alone, and counted")
  func poison() async throws {
    let store = AuditMemory()
    let registry = MetricRegistry()
    let trail = AuditTrail(store, registry, Self.quiet)
    for number in 0..<1_000 {
      trail.add(Self.call([3, 700].contains(number) ? "\0" : "\(number)"))
    }
    trail.start()
    while store.subjects.count < 998 { await Task.yield() }
    #expect(store.subjects == (0..<1_000).filter { ![3, 700].contains($0) }.map(String.init))
    await trail.stop()
    #expect(registry.prometheusText().contains("benchfront_audit_records_lost_total 2"))
  }

  @Test("what waits has a bound; what comes then is counted as lost, and long subjects are cut")
  func bounds() async throws {
    let store = AuditMemory()
    let registry = MetricRegistry()
    let trail = AuditTrail(store, registry, Self.quiet)
    for _ in 0..<AuditTrail.waitingLimit + 7 {
      trail.add(Self.call(String(repeating: "x", count: 2000)))
    }
    #expect(registry.prometheusText().contains("benchfront_audit_records_lost_total 7"))
    await trail.stop()
    #expect(store.subjects.count == AuditTrail.waitingLimit)
    #expect(store.subjects.allSatisfy { $0.utf8.count == 500 })
  }
}
