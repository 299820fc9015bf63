import BenchmarkDomain
import SampleSpool
import Testing

@testable import AgentApp

@Suite("Outbox")
struct OutboxTests {
  private let fence = Fence(batchID: "b", token: 1)

  private func batch(_ sequence: UInt64, _ count: Int, _ fence: Fence? = nil) -> SpooledBatch {
    SpooledBatch(
      sequence: sequence, fence: fence ?? self.fence, executionID: "e",
      samples: (0..<count).map {
        RequestSample(
          requestIndex: UInt32($0), segment: 0, outcome: .ok, scheduled: 0, sent: 0, end: 1)
      })
  }

  private func drain(_ outbox: inout Outbox) -> [UInt64] {
    var sequences: [UInt64] = []
    while let message = outbox.next() {
      if case .samples(_, _, let sequence, _) = message { sequences.append(sequence) }
    }
    return sequences
  }

  @Test("nothing goes out before the welcome")
  func nothingBeforeWelcome() {
    var outbox = Outbox()
    outbox.append(batch(1, 1))
    #expect(outbox.next() == nil)
  }

  @Test("samples go out as far as the credit reaches, and on as they are acknowledged")
  func credit() {
    var outbox = Outbox(credit: 10)
    for sequence: UInt64 in 1...4 { outbox.append(batch(sequence, 4)) }
    #expect(drain(&outbox) == [1, 2])
    outbox.acknowledge(1)
    #expect(drain(&outbox) == [3])
    outbox.acknowledge(2)
    outbox.acknowledge(2)
    #expect(drain(&outbox) == [4])
  }

  @Test("a message larger than the whole credit goes out alone")
  func oversized() {
    var outbox = Outbox(credit: 2)
    outbox.append(batch(1, 5))
    outbox.append(batch(2, 1))
    #expect(drain(&outbox) == [1])
    outbox.acknowledge(1)
    #expect(drain(&outbox) == [2])
  }

  @Test("an event stays behind the samples that came before it")
  func order() {
    var outbox = Outbox(credit: 4)
    outbox.append(batch(1, 4))
    outbox.append(batch(2, 4))
    outbox.append(.executionFinished(fence, executionID: "e"))
    #expect(drain(&outbox) == [1])
    outbox.acknowledge(1)
    var kinds: [String] = []
    while let message = outbox.next() {
      switch message {
      case .samples: kinds.append("samples")
      case .executionFinished: kinds.append("finished")
      default: kinds.append("other")
      }
    }
    #expect(kinds == ["samples", "finished"])
  }

  @Test("what was queued while the link came up goes behind, and nothing twice")
  func adoption() {
    var older = Outbox()
    for sequence: UInt64 in 1...3 { older.append(batch(sequence, 1)) }
    var fresh = Outbox(
      credit: 10, starts: [], spooled: [batch(1, 1), batch(2, 1)], behind: older)
    #expect(drain(&fresh) == [1, 2, 3])
  }

  @Test("samples that the session has found in the spool are not queued again by their writer")
  func foundInSpool() {
    // Written, found by the welcomed session, and only then told to the one who wrote them.
    var outbox = Outbox(
      credit: 4, starts: [], spooled: [batch(1, 2), batch(2, 2)], behind: Outbox())
    #expect(drain(&outbox) == [1, 2])
    outbox.append(batch(2, 2))
    outbox.append(batch(3, 2))
    #expect(drain(&outbox) == [])
    outbox.acknowledge(1)
    outbox.acknowledge(2)
    #expect(drain(&outbox) == [3])
    outbox.acknowledge(3)
    #expect(outbox.isIdle)
    // Neither in the next session, when the spool has nothing left.
    var next = Outbox(credit: 4, starts: [], spooled: [], behind: outbox.withoutSamples())
    next.append(batch(2, 2))
    next.append(batch(4, 4))
    #expect(drain(&next) == [4])
  }

  @Test("of a session that is over, the events stay and the samples go")
  func leftOver() {
    var outbox = Outbox(credit: 1)
    outbox.append(batch(1, 1))
    outbox.append(.executionFinished(fence, executionID: "e"))
    let rest = outbox.withoutSamples()
    var next = Outbox(credit: 1, starts: [], spooled: [batch(1, 1)], behind: rest)
    #expect(drain(&next) == [1])
    #expect(!next.isIdle)
    next.acknowledge(1)
    #expect(next.isIdle)
  }

  @Test("a lost lease leaves nothing behind, and its credit comes back")
  func drop() {
    let other = Fence(batchID: "c", token: 1)
    var outbox = Outbox(credit: 4)
    outbox.append(batch(1, 4))
    outbox.append(batch(2, 4))
    outbox.append(batch(3, 2, other))
    #expect(drain(&outbox) == [1])
    #expect(outbox.holds(fence))
    outbox.drop(fence)
    #expect(!outbox.holds(fence))
    #expect(drain(&outbox) == [3])
    #expect(outbox.holds(other))
  }
}
