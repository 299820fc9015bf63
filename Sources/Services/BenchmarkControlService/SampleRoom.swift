import BenchmarkDomain
import Synchronization
import Telemetry

/// How many bytes of samples this process may hold that are not committed, all agents together.
///
/// Who finds no room waits its turn, and whoever waits reads no further message of its agent: what
/// a slow store cannot take stays with the agents, held by the flow control of their streams.
package final class SampleRoom: Sendable {
  private struct Waiting {
    let ticket: UInt64
    let bytes: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var used = 0
    var nextTicket: UInt64 = 0
    var waiting: [Waiting] = []
  }

  private let limit: Int
  private let gauge: Gauge
  private let state = Mutex(State())

  /// Room for `limit` bytes; `gauge` shows how many are taken.
  init(limit: Int, gauge: Gauge) {
    self.limit = limit
    self.gauge = gauge
  }

  /// Bytes that are taken.
  var used: Int { state.withLock { $0.used } }

  /// Those that wait for room.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Takes room when there is some and nobody waits for it.
  func takeNow(_ bytes: Int) -> Bool {
    let isTaken = state.withLock { state in
      guard state.waiting.isEmpty, fits(bytes, state) else { return false }
      state.used += bytes
      return true
    }
    if isTaken { gauge.add(Int64(bytes)) }
    return isTaken
  }

  /// Takes room, behind those who came before; throws `CancellationError` when the task is
  /// cancelled, and has taken none then.
  func take(_ bytes: Int) async throws {
    if takeNow(bytes) { return }
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        state.withLock { state in
          state.waiting.append(
            Waiting(ticket: ticket, bytes: bytes, continuation: continuation))
        }
        // Either may have come between the first look and the place in the queue.
        if Task.isCancelled { cancel(ticket) }
        admit()
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  /// Gives room back.
  func give(_ bytes: Int) {
    state.withLock { $0.used -= bytes }
    gauge.add(-Int64(bytes))
    admit()
  }

  private func cancel(_ ticket: UInt64) {
    let waiting = state.withLock { state in
      // Without a place it has been let in, or will look for itself.
      state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0) }
    }
    waiting?.continuation.resume(throwing: CancellationError())
    // Those behind it may need less.
    admit()
  }

  /// Lets those in who have waited longest, as many as fit.
  private func admit() {
    let admitted = state.withLock { state in
      var count = 0
      for waiting in state.waiting {
        guard fits(waiting.bytes, state) else { break }
        state.used += waiting.bytes
        count += 1
      }
      defer { state.waiting.removeFirst(count) }
      return Array(state.waiting.prefix(count))
    }
    for waiting in admitted {
      gauge.add(Int64(waiting.bytes))
      waiting.continuation.resume()
    }
  }

  /// What is larger than all room has it alone.
  private func fits(_ bytes: Int, _ state: State) -> Bool {
    state.used == 0 || state.used + bytes <= limit
  }
}

/// A message's part of the room, which goes back when nobody holds it any more.
package final class RoomShare: Sendable {
  private let room: SampleRoom
  private let bytes: Mutex<Int>

  /// Stands for bytes that were taken.
  init(of room: SampleRoom, bytes: Int) {
    self.room = room
    self.bytes = Mutex(bytes)
  }

  /// Gives back what is not needed.
  func shrink(to bytes: Int) {
    let rest = self.bytes.withLock { own in
      defer { own = min(own, bytes) }
      return own - bytes
    }
    if rest > 0 { room.give(rest) }
  }

  deinit {
    let rest = bytes.withLock { $0 }
    if rest > 0 { room.give(rest) }
  }
}

extension [RequestSample] {
  /// About how much memory they take: themselves, and the message that their gaps are slices of.
  var residentBytes: Int {
    indices.reduce(count * (MemoryLayout<RequestSample>.stride + Self.messageBytes)) {
      $0 + self[$1].gaps.count
    }
  }

  /// About what a sample takes in its message besides its gaps.
  private static var messageBytes: Int { 80 }
}
