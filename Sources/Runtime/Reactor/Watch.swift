import CLinux

/// What a watch wants to hear about its descriptor.
package struct Interest: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let read = Interest(rawValue: 1)
  package static let write = Interest(rawValue: 2)

  var events: UInt32 {
    (contains(.read) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0)
      | (contains(.write) ? EPOLLOUT.rawValue : 0)
  }
}

/// What the kernel says about a descriptor.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: 1)
  package static let writable = Readiness(rawValue: 2)
  /// The peer has closed its side, or the whole connection.
  package static let hangUp = Readiness(rawValue: 4)
  package static let error = Readiness(rawValue: 8)

  init(events: UInt32) {
    var value: Readiness = []
    if events & EPOLLIN.rawValue != 0 { value.insert(.readable) }
    if events & EPOLLOUT.rawValue != 0 { value.insert(.writable) }
    if events & (EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0 { value.insert(.hangUp) }
    if events & EPOLLERR.rawValue != 0 { value.insert(.error) }
    self = value
  }
}

/// A descriptor that an event loop watches, level-triggered; it is used on that loop only.
///
/// A watch never closes its descriptor: cancel it first, then close.
package final class Watch {
  package let descriptor: Int32
  package private(set) var interest: Interest
  let generation: UInt32
  private(set) var handler: ((Readiness) -> Void)?
  /// Nil once the watch is over or the loop has ended: a weak reference would make every count of
  /// references to the loop dearer.
  private unowned(unsafe) var loop: EventLoop?

  init(
    loop: EventLoop, descriptor: Int32, interest: Interest, generation: UInt32,
    handler: @escaping (Readiness) -> Void
  ) {
    self.loop = loop
    self.descriptor = descriptor
    self.interest = interest
    self.generation = generation
    self.handler = handler
  }

  /// Hears nothing more: the loop has ended, or another watch has the descriptor.
  func end() {
    loop = nil
    // The handler often holds who holds the watch.
    handler = nil
  }

  var token: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }

  /// Changes what is watched; an empty interest still hears errors and hang-ups.
  package func update(_ interest: Interest) {
    guard interest != self.interest else { return }
    self.interest = interest
    loop?.change(self)
  }

  /// Stops watching; the handler is not called again, not even for events already fetched.
  package func cancel() {
    loop?.remove(self)
    end()
  }
}
