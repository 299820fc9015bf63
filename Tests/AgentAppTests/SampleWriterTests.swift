import BenchmarkDomain
import Synchronization
import Testing

@testable import AgentApp

@Suite("Gathering samples")
struct SampleWriterTests {
  /// Writes down what happens; the first message of samples waits for the gate.
  private actor Desk {
    private(set) var events: [String] = []
    private var gate: CheckedContinuation<Void, Never>?
    private var isOpen = false

    func note(_ event: String) { events.append(event) }

    func keep(_ samples: [RequestSample]) async {
      events.append("begin \(samples.count)")
      if !isOpen, gate == nil { await withCheckedContinuation { gate = $0 } }
      events.append("end \(samples.count)")
    }

    var isWaiting: Bool { gate != nil }

    func open() {
      isOpen = true
      gate?.resume()
      gate = nil
    }
  }

  private func sample(_ index: UInt32) -> RequestSample {
    RequestSample(requestIndex: index, segment: 0, outcome: .ok, scheduled: 0, sent: 0, end: 1)
  }

  @Test("messages are kept one after the other, and the end waits for all of them")
  func order() async {
    let desk = Desk()
    let writer = SampleWriter { await desk.keep($0) }
    let filling = Task { for index: UInt32 in 0..<256 { await writer.add(sample(index)) } }
    while await !desk.isWaiting { await Task.yield() }
    await writer.add(sample(256))
    let finishing = Task {
      await writer.finish()
      await desk.note("finished")
    }
    let again = Task {
      await writer.finish()
      await desk.note("finished")
    }
    for _ in 0..<1_000 { await Task.yield() }
    #expect(await desk.events == ["begin 256"])
    await desk.open()
    for task in [filling, finishing, again] { await task.value }
    #expect(
      await desk.events
        == ["begin 256", "end 256", "begin 1", "end 1", "finished", "finished"])
  }
}
