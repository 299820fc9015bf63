import Glibc
import Reactor
import Testing

@Suite("Event loop")
struct EventLoopTests {
  @Test("work from another thread runs on the loop, in order")
  func order() async throws {
    try await withLoop { loop in
      let seen = Shared<[Int]>([])
      for index in 0..<5000 {
        loop.execute { seen.update { $0.append(loop.isCurrent ? index : -1) } }
      }
      try await on(loop) {}
      #expect(seen.value == Array(0..<5000))
    }
  }

  @Test("a task that prefers the loop runs on it, before and after a suspension")
  func taskPreference() async throws {
    try await withLoop { loop in
      let task = Task(executorPreference: loop) {
        var places = [EventLoop.current === loop]
        await Task.yield()
        places.append(EventLoop.current === loop)
        try await loop.sleep(for: .milliseconds(1))
        places.append(EventLoop.current === loop)
        return places
      }
      let places = try await task.value
      #expect(places == [true, true, true])
    }
  }

  @Test("an actor whose executor is the loop runs there, and can assume isolation there")
  func actorIsolation() async throws {
    actor Resident {
      let loop: EventLoop
      var count = 0
      nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
      init(loop: EventLoop) { self.loop = loop }
      func bump() -> Bool {
        count += 1
        return loop.isCurrent
      }
    }
    try await withLoop { loop in
      let resident = Resident(loop: loop)
      #expect(await resident.bump())
      let assumed = try await on(loop) { resident.assumeIsolated { $0.count } }
      #expect(assumed == 1)
      let inTask = Task(executorPreference: loop) { await resident.bump() }
      #expect(await inTask.value)
    }
  }

  @Test("a default actor called from a task that prefers the loop runs on the loop")
  func defaultActor() async throws {
    actor Guest {
      func place() -> EventLoop? { EventLoop.current }
    }
    try await withLoop { loop in
      let guest = Guest()
      let task = Task(executorPreference: loop) { await guest.place() === loop }
      #expect(await task.value)
    }
  }

  @Test("jobs that beget jobs do not keep timers and descriptors from their turn")
  func fairness() async throws {
    try await withLoop { loop in
      let isDone = Shared(false)
      @Sendable func spin() {
        if !isDone.value { loop.execute { spin() } }
      }
      loop.execute { spin() }
      try await loop.sleep(for: .milliseconds(5))
      isDone.update { $0 = true }
    }
  }

  @Test("timers run in the order of their deadlines, ties in the order of their making")
  func timerOrder() async throws {
    try await withLoop { loop in
      let seen = Shared<[Int]>([])
      let done = Signal()
      try await on(loop) {
        let start = loop.now()
        for step in [3, 1, 2, 1] {
          loop.schedule(at: start.advanced(by: .milliseconds(step))) {
            seen.update { $0.append(step) }
          }
        }
        loop.schedule(at: start.advanced(by: .milliseconds(4))) { done.fire() }
      }
      await done.wait()
      #expect(seen.value == [1, 1, 2, 3])
    }
  }

  @Test("a timer never runs early, and a cancelled one never runs")
  func cancelledTimer() async throws {
    try await withLoop { loop in
      let early = Shared(true)
      let ranCancelled = Shared(false)
      let done = Signal()
      try await on(loop) {
        let start = loop.now()
        let doomed = loop.schedule(after: .milliseconds(1)) { ranCancelled.update { $0 = true } }
        loop.schedule(after: .milliseconds(3)) {
          early.update { $0 = loop.now().duration(since: start) < .milliseconds(3) }
          done.fire()
        }
        doomed.cancel()
        doomed.cancel()
      }
      await done.wait()
      #expect(!early.value)
      #expect(!ranCancelled.value)
    }
  }

  @Test("random timers, some of them cancelled, run exactly once in order")
  func randomTimers() async throws {
    try await withLoop { loop in
      let seen = Shared<[UInt64]>([])
      let done = Signal()
      let expected = try await on(loop) {
        var generator = SystemRandomNumberGenerator()
        let start = loop.now()
        let timers = (0..<2000).map { _ in
          let deadline = start.advanced(
            by: .microseconds(Int.random(in: 0..<3000, using: &generator)))
          return loop.schedule(at: deadline) { seen.update { $0.append(deadline.nanoseconds) } }
        }
        var kept: [UInt64] = []
        for timer in timers {
          if Bool.random(using: &generator) {
            timer.cancel()
          } else {
            kept.append(timer.deadline.nanoseconds)
          }
        }
        loop.schedule(at: start.advanced(by: .milliseconds(4))) { done.fire() }
        return kept.sorted()
      }
      await done.wait()
      #expect(seen.value == expected)
    }
  }

  @Test("a cancelled sleep throws at once")
  func cancelledSleep() async throws {
    try await withLoop { loop in
      let task = Task { try await loop.sleep(for: .seconds(3600)) }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      let preferring = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(3600)) }
      try await on(loop) {}
      preferring.cancel()
      await #expect(throws: CancellationError.self) { try await preferring.value }
    }
  }

  @Test("a watch hears readiness, and nothing after its cancellation")
  func watch() async throws {
    try await withLoop { loop in
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      let (reading, writing) = (Descriptor(ends[0]), Descriptor(ends[1]))
      let heard = Signal()
      let count = Shared(0)
      try await on(loop) {
        let box = WatchBox()
        box.watch = try loop.watch(reading.number, .read) { readiness in
          #expect(readiness.contains(.readable))
          count.update { $0 += 1 }
          box.watch?.cancel()
          heard.fire()
        }
      }
      #expect(write(writing.number, "x", 1) == 1)
      await heard.wait()
      try await on(loop) {}
      #expect(count.value == 1)
    }
  }

  @Test("a second watch of one descriptor is refused")
  func doubleWatch() async throws {
    try await withLoop { loop in
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      let (reading, writing) = (Descriptor(ends[0]), Descriptor(ends[1]))
      try await on(loop) {
        let first = try loop.watch(reading.number, .read) { _ in }
        #expect(throws: ReactorError.self) { _ = try loop.watch(reading.number, .read) { _ in } }
        first.cancel()
        try loop.watch(reading.number, .read) { _ in }.cancel()
      }
      _ = writing.number
    }
  }

  @Test("work is requested once at the end of a turn, after the jobs")
  func endOfTurn() async throws {
    final class Recorder: EndOfTurn {
      let seen: Shared<[String]>
      init(_ seen: Shared<[String]>) { self.seen = seen }
      func endOfTurn() { seen.update { $0.append("end") } }
    }
    try await withLoop { loop in
      let seen = Shared<[String]>([])
      try await on(loop) {
        loop.atEndOfTurn(Recorder(seen))
        loop.execute { seen.update { $0.append("job") } }
      }
      try await on(loop) {}
      #expect(seen.value == ["job", "end"])
    }
  }

  @Test("a loop that was shut down is freed, and what it watched is too")
  func freed() async throws {
    weak var freed: EventLoop?
    do {
      let loop = try EventLoop(name: "test")
      freed = loop
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      let (reading, writing) = (Descriptor(ends[0]), Descriptor(ends[1]))
      try await on(loop) {
        let box = WatchBox()
        box.watch = try loop.watch(reading.number, .read) { _ in box.watch?.cancel() }
      }
      #expect(write(writing.number, "x", 1) == 1)
      try await loop.sleep(for: .milliseconds(1))
      loop.shutdown()
    }
    #expect(freed == nil)
  }

  @Test("cancelling a timer that outlived its loop's work does nothing")
  func timersAfterShutdown() async throws {
    let loop = try EventLoop(name: "test")
    let boxes = (TimerBox(), TimerBox())
    try await on(loop) {
      boxes.0.timer = loop.schedule(after: .seconds(60)) {}
      boxes.1.timer = loop.schedule(after: .seconds(61)) {}
    }
    loop.shutdown()
    boxes.0.timer?.cancel()
    boxes.1.timer?.cancel()
  }

  @Test("a signal reaches the loop")
  func signals() async throws {
    try await withLoop { loop in
      let heard = Signal()
      let number = Shared<Int32>(0)
      let source = try SignalSource([SIGUSR2], loop: loop) { signal in
        number.update { $0 = signal }
        heard.fire()
      }
      try await on(loop) {}
      kill(getpid(), SIGUSR2)
      await heard.wait()
      #expect(number.value == SIGUSR2)
      source.cancel()
      try await on(loop) {}
    }
  }

  @Test("loops of a group take turns, and shut down twice without harm")
  func group() throws {
    let group = try EventLoopGroup(count: 3)
    let turns = (0..<6).map { _ in group.next() }
    #expect(turns[0] !== turns[1] && turns[0] === turns[3] && turns[2] === turns[5])
    group.shutdown()
    group.shutdown()
  }
}

/// Holds a watch that its own handler cancels.
/// Carries timers out of their loop.
// @unchecked: written on the loop, read after its shutdown.
private final class TimerBox: @unchecked Sendable {
  var timer: Timer?
}

private final class WatchBox {
  var watch: Watch?
}
