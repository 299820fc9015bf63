/// A pending action of an event loop; it is used on that loop only.
package final class Timer {
  package let deadline: MonotonicTime
  let order: UInt64
  var action: (() -> Void)?
  var position = -1
  private unowned let loop: EventLoop

  init(loop: EventLoop, deadline: MonotonicTime, order: UInt64, action: @escaping () -> Void) {
    self.loop = loop
    self.deadline = deadline
    self.order = order
    self.action = action
  }

  /// Drops the action if it has not run yet.
  package func cancel() {
    guard action != nil else { return }
    loop.remove(self)
  }

  static func isBefore(_ left: Timer, _ right: Timer) -> Bool {
    left.deadline == right.deadline ? left.order < right.order : left.deadline < right.deadline
  }
}

/// A binary heap of timers, earliest first; timers know their place, so that removal is O(log n).
struct TimerHeap {
  private var timers: [Timer] = []

  var count: Int { timers.count }
  var first: Timer? { timers.first }

  mutating func insert(_ timer: Timer) {
    timer.position = timers.count
    timers.append(timer)
    siftUp(timer.position)
  }

  mutating func remove(_ timer: Timer) {
    let index = timer.position
    guard index >= 0 else { return }
    timer.position = -1
    let last = timers.removeLast()
    guard last !== timer else { return }
    place(last, at: index)
    siftUp(index)
    siftDown(last.position)
  }

  /// Drops every timer; cancelling one of them later does nothing.
  mutating func removeAll() {
    for timer in timers {
      timer.position = -1
      timer.action = nil
    }
    timers = []
  }

  private mutating func place(_ timer: Timer, at index: Int) {
    timers[index] = timer
    timer.position = index
  }

  private mutating func siftUp(_ start: Int) {
    var index = start
    let timer = timers[start]
    while index > 0 {
      let parent = (index - 1) / 2
      guard Timer.isBefore(timer, timers[parent]) else { break }
      place(timers[parent], at: index)
      index = parent
    }
    place(timer, at: index)
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    let timer = timers[start]
    while 2 * index + 1 < timers.count {
      var child = 2 * index + 1
      if child + 1 < timers.count, Timer.isBefore(timers[child + 1], timers[child]) { child += 1 }
      guard Timer.isBefore(timers[child], timer) else { break }
      place(timers[child], at: index)
      index = child
    }
    place(timer, at: index)
  }
}
