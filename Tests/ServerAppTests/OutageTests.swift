import Logging
import Reactor
import Storage
import Synchronization
import Telemetry
import Testing

@testable import ServerApp

@Suite("Outages of the store")
struct OutageTests {
  private let lines = LoggedLines { event in
    let told = event.metadata ?? [:]
    return [
      "\(event.level)", "\(event.message)", told["cause"].map { "\($0)" },
      told["away_seconds"].map { "\($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private func after(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: UInt64(seconds * 1e9))
  }

  @Test("an outage is told when it begins, once for each cause, and when it is over")
  func log() {
    var log = OutageLog("the store", lines.logger)
    let (away, full) = (StoreOutage(.unreachable, "Away."), StoreOutage(.full, "Full."))
    log.looked(nil, at: after(0))
    for second in 1...5 { log.looked(away, at: after(Double(second))) }
    log.looked(full, at: after(6))
    log.looked(away, at: after(7))
    for second in 8...9 { log.looked(nil, at: after(Double(second) + 0.25)) }
    log.looked(StoreOutage(.tooManyConnections, "No more.", isPartial: true), at: after(10))
    log.looked(nil, at: after(11))
    #expect(
      lines.all == [
        "error, the store is unavailable, unreachable", "error, the store is unavailable, full",
        "notice, the store is back, 7.2",
        "error, the store does not do all its part, too_many_connections",
        "notice, the store is back, 1.0",
      ])
  }

  @Test("what is said again and again stands in the log once, until a minute of quiet")
  func repetition() {
    let clock = HandClock()
    let gate = RepeatGate(lines.logger) { clock.now }
    for _ in 0..<10 {
      gate.note("samples wait for the store: it is away")
      clock.advance(by: 2_000_000_000)
    }
    gate.note("took back 1 expired leases")
    gate.note("took back 1 expired leases")
    clock.advance(by: 60_000_000_000)
    gate.note("samples wait for the store: it is away")
    gate.close()
    gate.note("cannot finish results: the call was cancelled")
    #expect(
      lines.all.filter { !$0.hasPrefix("debug") } == [
        "info, samples wait for the store: it is away", "info, took back 1 expired leases",
        "info, took back 1 expired leases", "info, samples wait for the store: it is away",
      ])
    #expect(lines.all.count == 14)
  }

  @Test("a watch tells every look, and looks sooner while something is wrong")
  func watch() async {
    let looks = Mutex<[StoreOutage?]>([nil, StoreOutage(.full, "Full."), nil])
    let told = Mutex<[OutageCause?]>([])
    let waits = Mutex<[Bool]>([])
    let watch = OutageWatch()
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    watch.start(OutageLog("the store", lines.logger)) { isWrong in
      waits.withLock { $0.append(isWrong) }
      guard looks.withLock({ $0.isEmpty }) else { return }
      end.finish()
      throw CancellationError()
    } look: {
      looks.withLock { $0.removeFirst() }
    } tell: { outage in
      told.withLock { $0.append(outage?.cause) }
    }
    for await _ in ends {}
    await watch.stop()
    #expect(told.withLock { $0 } == [nil, .full, nil])
    #expect(waits.withLock { $0 } == [false, true, false])
    #expect(lines.all.count == 2)
  }

  @Test("metrics name the cause, and count a store that serves in part as available")
  func gauges() {
    let registry = MetricRegistry()
    let gauges = OutageGauges(registry)
    func shows(_ lines: String...) -> Bool {
      let text = registry.prometheusText()
      return lines.allSatisfy { text.contains("benchfront_store_\($0)\n") }
    }
    #expect(shows("available 0", #"outage{cause="full"} 0"#))
    gauges.show(nil)
    #expect(shows("available 1", #"outage{cause="full"} 0"#))
    gauges.show(StoreOutage(.full, "Full."))
    #expect(shows("available 0", #"outage{cause="full"} 1"#, #"outage{cause="read_only"} 0"#))
    gauges.show(StoreOutage(.tooManyConnections, "No more.", isPartial: true))
    #expect(shows("available 1", #"outage{cause="too_many_connections"} 1"#))
    gauges.show(nil)
    #expect(shows("available 1", #"outage{cause="too_many_connections"} 0"#))
  }
}
