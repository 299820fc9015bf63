import CLinux
import Glibc

/// Delivers process signals, such as SIGTERM, to a loop instead of to whatever thread was running.
///
/// Child processes do not inherit it. One source per signal.
// @unchecked: after `init` every variable is touched on the loop alone.
package final class SignalSource: @unchecked Sendable {
  private let signals: [Int32]
  private let readEnd: Descriptor
  private let writeEnd: Descriptor
  private let loop: EventLoop
  private var watch: Watch?

  /// Calls `handler` on `loop` with the number of each signal that arrives.
  package init(
    _ signals: [Int32], loop: EventLoop, handler: @escaping @Sendable (Int32) -> Void
  ) throws(ReactorError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .system("pipe") }
    readEnd = Descriptor(ends[0])
    writeEnd = Descriptor(ends[1])
    self.signals = signals
    self.loop = loop
    for end in ends {
      guard fcntl(end, F_SETFD, FD_CLOEXEC) == 0, fcntl(end, F_SETFL, O_NONBLOCK) == 0 else {
        throw .system("fcntl")
      }
    }
    for signal in signals {
      guard clinux_signal_to_descriptor(signal, ends[1]) == 0 else { throw .system("sigaction") }
    }
    loop.execute { self.start(handler) }
  }

  private func start(_ handler: @escaping @Sendable (Int32) -> Void) {
    // The thread may have been started from one that blocks signals, as dispatch's do.
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    // A new pipe can always be polled.
    watch = try? loop.watch(readEnd.number, .read) { [weak self] _ in
      guard let number = self?.readOne() else { return }
      handler(number)
    }
  }

  private func readOne() -> Int32? {
    var byte: UInt8 = 0
    return read(readEnd.number, &byte, 1) == 1 ? Int32(byte) : nil
  }

  /// Gives the signals back to their default action; callable from any thread.
  package func cancel() {
    for signal in signals { _ = clinux_signal_to_descriptor(signal, -1) }
    loop.perform { [self] in
      watch?.cancel()
      watch = nil
    }
  }
}
