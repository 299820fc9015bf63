/// One piece of work of an event loop.
enum Work {
  /// A job of a task that prefers the loop.
  case job(UnownedJob)
  /// A job of an actor that lives on the loop.
  case actorJob(UnownedJob)
  case closure(@Sendable () -> Void)
}

/// A first-in, first-out queue that reuses its storage.
struct JobQueue {
  private var items: [Work] = []
  private var head = 0

  var count: Int { items.count - head }
  var isEmpty: Bool { head == items.count }

  mutating func append(_ work: Work) {
    items.append(work)
  }

  mutating func append(contentsOf work: [Work]) {
    items.append(contentsOf: work)
  }

  mutating func popFirst() -> Work? {
    guard head < items.count else { return nil }
    let work = items[head]
    items[head] = .closure({})
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 4096, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    return work
  }
}
