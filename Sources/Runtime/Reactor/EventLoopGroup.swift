import Glibc
import Synchronization

/// A fixed number of event loops.
package final class EventLoopGroup: Sendable {
  package let loops: [EventLoop]
  private let turn = Atomic<Int>(0)

  /// Starts `count` loops, one per core when `count` is nil.
  package init(count: Int? = nil, name: String = "loop") throws(ReactorError) {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    var loops: [EventLoop] = []
    for index in 0..<max(1, count ?? cores) {
      loops.append(try EventLoop(name: "\(name)-\(index)"))
    }
    self.loops = loops
  }

  /// The loops in turn.
  package func next() -> EventLoop {
    let ticket = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return loops[Int(UInt(bitPattern: ticket) % UInt(loops.count))]
  }

  /// The loop with the fewest connections, the first of several.
  package func leastLoaded() -> EventLoop {
    var best = loops[0]
    var least = best.load.load(ordering: .relaxed)
    for loop in loops.dropFirst() {
      let load = loop.load.load(ordering: .relaxed)
      if load < least { (best, least) = (loop, load) }
    }
    return best
  }

  /// Stops and joins every loop; not for a loop of the group.
  package func shutdown() {
    for loop in loops { loop.shutdown() }
  }
}
