import CLinux
import Glibc
import Synchronization

/// Something that wants to act once after the jobs of a turn, such as a connection with output.
package protocol EndOfTurn: AnyObject {
  /// Called on the loop, once per request to `EventLoop.atEndOfTurn`.
  func endOfTurn()
}

/// One epoll loop on one thread; the executor of everything that lives on it.
///
/// Unless a method says otherwise, call it on the loop itself. A turn runs at most
/// `jobsPerTurn` jobs and `timersPerTurn` timers before descriptors are looked at again.
// @unchecked: `inbox` is behind a mutex; the rest is touched by the loop's thread alone.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  static let jobsPerTurn = 1024
  static let timersPerTurn = 256
  static let eventsPerTurn = 256

  package let name: String
  /// Connections that live on this loop; the listener hands out by it.
  let load = Atomic<Int>(0)

  struct Inbox {
    var work: [Work] = []
    var isAsleep = false
    var isStopped = false
    /// The thread is gone: work that still comes is dropped, since it would hold the loop for ever.
    var hasEnded = false
  }

  let epoll: Int32
  private let wakeUp: Int32
  private let alarm: Int32
  private let inbox = Locked(Inbox())
  private var arrivals: [Work] = []
  private var jobs = JobQueue()
  private var endings: [any EndOfTurn] = []
  private var timers = TimerHeap()
  private var timerOrder: UInt64 = 0
  private var armedDeadline = MonotonicTime(nanoseconds: .max)
  var watches: [Watch?] = []
  var generation: UInt32 = 0
  private var isRunning = true
  private var thread: pthread_t?
  let scratch = ScratchBuffers()
  private let actors = ActorExecutor()

  /// Creates the loop and starts its thread.
  package init(name: String) throws(ReactorError) {
    self.name = name
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .system("epoll_create1") }
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    alarm = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
    actors.loop = self
    let error = Self.prepare(epoll: epoll, wakeUp: wakeUp, alarm: alarm) ?? startThread()
    if let error {
      closeDescriptors()
      throw error
    }
  }

  private static func prepare(epoll: Int32, wakeUp: Int32, alarm: Int32) -> ReactorError? {
    guard wakeUp >= 0 else { return .system("eventfd") }
    guard alarm >= 0 else { return .system("timerfd_create") }
    for descriptor in [wakeUp, alarm] {
      let token = UInt64(UInt32(bitPattern: descriptor))
      let code = clinux_epoll_control(
        epoll, EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, token)
      guard code == 0 else { return .system("epoll_ctl") }
    }
    return nil
  }

  private func startThread() -> ReactorError? {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    guard code == 0 else {
      Unmanaged.passUnretained(self).release()
      return .system("pthread_create", code)
    }
    self.thread = thread
    return nil
  }

  private func closeDescriptors() {
    for descriptor in [epoll, wakeUp, alarm] where descriptor >= 0 { close(descriptor) }
  }

  deinit {
    if thread != nil { closeDescriptors() }
  }

  // MARK: Work from any thread

  /// Whether the caller runs on this loop's thread; callable from any thread.
  package var isCurrent: Bool {
    clinux_current_loop() == Unmanaged.passUnretained(self).toOpaque()
  }

  /// The loop of the calling thread, if it has one.
  package static var current: EventLoop? {
    guard let pointer = clinux_current_loop() else { return nil }
    return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Runs `work` on the loop after what was enqueued before; callable from any thread.
  package func execute(_ work: @escaping @Sendable () -> Void) {
    enqueue(.closure(work))
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    enqueue(.job(UnownedJob(job)))
  }

  private func enqueue(_ work: Work) {
    if isCurrent {
      jobs.append(work)
      return
    }
    let mustWake = inbox.withLock { inbox in
      if inbox.hasEnded { return false }
      inbox.work.append(work)
      let wasAsleep = inbox.isAsleep
      inbox.isAsleep = false
      return wasAsleep
    }
    if mustWake { ring() }
  }

  private func ring() {
    var one: UInt64 = 1
    // EAGAIN means that the counter is full, so the loop wakes anyway.
    _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
  }

  /// The executor for actors that live on the loop; it is not the loop itself, because a job of an
  /// actor and a job of a task that prefers the loop are run differently.
  package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    actors.asUnownedSerialExecutor()
  }

  fileprivate func enqueueActorJob(_ job: consuming ExecutorJob) {
    enqueue(.actorJob(UnownedJob(job)))
  }

  package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
    UnownedTaskExecutor(ordinary: self)
  }

  package func checkIsolated() {
    precondition(isCurrent, "not on loop \(name)")
  }

  package func isIsolatingCurrentContext() -> Bool? { isCurrent }

  /// The monotonic clock; callable from any thread.
  package func now() -> MonotonicTime { .now() }

  /// Stops the thread after the work that is queued now, and joins it; not for the loop itself.
  ///
  /// Sockets, timers and tasks that live on the loop must have ended before; work that is enqueued
  /// later is dropped.
  package func shutdown() {
    precondition(!isCurrent, "a loop cannot join itself")
    let mustJoin = inbox.withLock { inbox in
      defer { inbox.isStopped = true }
      return !inbox.isStopped
    }
    guard mustJoin, let thread else { return }
    execute { self.isRunning = false }
    pthread_join(thread, nil)
  }

  // MARK: Work on the loop

  /// Asks for one call of `endOfTurn` after the jobs of this turn.
  package func atEndOfTurn(_ object: any EndOfTurn) {
    endings.append(object)
  }

  /// Runs `work` once, `duration` from now.
  @discardableResult
  package func schedule(after duration: Duration, _ work: @escaping () -> Void) -> Timer {
    schedule(at: now().advanced(by: duration), work)
  }

  /// Runs `work` once at `deadline`, or in the next turn if that has passed.
  @discardableResult
  package func schedule(at deadline: MonotonicTime, _ work: @escaping () -> Void) -> Timer {
    precondition(isCurrent, "timers belong to their loop")
    timerOrder += 1
    let timer = Timer(loop: self, deadline: deadline, order: timerOrder, action: work)
    timers.insert(timer)
    return timer
  }

  func remove(_ timer: Timer) {
    timer.action = nil
    timers.remove(timer)
  }

  // MARK: The thread

  private func run() {
    clinux_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
    clinux_name_thread(name)
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.eventsPerTurn) { events in
      while isRunning || !jobs.isEmpty {
        runTurn()
        poll(events)
      }
    }
    // What a handler holds may hold its watch, and through its socket this loop.
    for watch in watches { watch?.end() }
    watches.removeAll()
    timers.removeAll()
    arrivals = inbox.withLock { inbox in
      inbox.hasEnded = true
      defer { inbox.work = [] }
      return inbox.work
    }
    arrivals = []
    clinux_set_current_loop(nil)
  }

  private func runTurn() {
    fetchArrivals()
    runTimers()
    var budget = Self.jobsPerTurn
    while budget > 0, let work = jobs.popFirst() {
      run(work)
      budget -= 1
      if jobs.isEmpty { finishTurn() }
    }
    finishTurn()
  }

  private func run(_ work: Work) {
    switch work {
    case .job(let job):
      job.runSynchronously(on: asUnownedTaskExecutor())
    case .actorJob(let job):
      job.runSynchronously(
        isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    case .closure(let body):
      body()
    }
  }

  private func finishTurn() {
    while !endings.isEmpty {
      let batch = endings
      endings.removeAll(keepingCapacity: true)
      for object in batch { object.endOfTurn() }
    }
  }

  private func fetchArrivals() {
    inbox.withLock { inbox in
      swap(&inbox.work, &arrivals)
      inbox.isAsleep = false
    }
    guard !arrivals.isEmpty else { return }
    jobs.append(contentsOf: arrivals)
    arrivals.removeAll(keepingCapacity: true)
  }

  private func runTimers() {
    guard timers.first != nil else { return }
    let time = now()
    var budget = Self.timersPerTurn
    while budget > 0, let timer = timers.first, timer.deadline <= time {
      timers.remove(timer)
      let action = timer.action
      timer.action = nil
      action?()
      budget -= 1
    }
  }

  private func poll(_ events: UnsafeMutableBufferPointer<epoll_event>) {
    let timeout: Int32 = mayBlock() ? -1 : 0
    let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout)
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      dispatch(token: events[index].data.u64, events: events[index].events)
    }
  }

  private func mayBlock() -> Bool {
    guard jobs.isEmpty, endings.isEmpty, isRunning else { return false }
    if let next = timers.first, !arm(next.deadline) { return false }
    return inbox.withLock { inbox in
      inbox.isAsleep = inbox.work.isEmpty
      return inbox.isAsleep
    }
  }

  /// Arms the timer descriptor; false when the deadline has passed already.
  private func arm(_ deadline: MonotonicTime) -> Bool {
    if deadline <= now() { return false }
    // An alarm that is set too early only costs one empty turn.
    guard deadline < armedDeadline else { return true }
    armedDeadline = deadline
    return clinux_timer_arm(alarm, max(1, deadline.nanoseconds)) == 0
  }

  private func dispatch(token: UInt64, events: UInt32) {
    let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: token))
    if descriptor == wakeUp || descriptor == alarm {
      var count: UInt64 = 0
      _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
      if descriptor == alarm { armedDeadline = MonotonicTime(nanoseconds: .max) }
      return
    }
    let index = Int(descriptor)
    guard index >= 0, index < watches.count, let watch = watches[index],
      watch.generation == UInt32(truncatingIfNeeded: token >> 32)
    else { return }
    watch.handler?(Readiness(events: events))
  }
}

/// The loop as the executor of actors.
// @unchecked: `loop` is set once, before the loop is handed to anybody.
private final class ActorExecutor: SerialExecutor, @unchecked Sendable {
  /// An actor keeps its loop alive, and the loop keeps this; neither is used once the loop is gone.
  unowned(unsafe) var loop: EventLoop?

  func enqueue(_ job: consuming ExecutorJob) { loop?.enqueueActorJob(job) }
  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
  func checkIsolated() { loop?.checkIsolated() }
  func isIsolatingCurrentContext() -> Bool? { loop?.isCurrent }
}
