import Foundation
import Glibc

extension Process {
  /// Starts the process from a thread that never ends: `pdeathsig` follows the thread, and so what
  /// was started by `setpriv --pdeathsig` ends with this process, however that ends.
  func runForLife() throws {
    let outcome = Outcome()
    Thread.detachNewThread {
      outcome.set(Result { try self.run() })
      while true { Glibc.pause() }
    }
    try outcome.wait()
  }
}

/// Whether a thread of its own could start a process.
// @unchecked: the semaphore stands between the one writer and the one reader.
private final class Outcome: @unchecked Sendable {
  private var result: Result<Void, any Error>?
  private let isSet = DispatchSemaphore(value: 0)

  func set(_ result: Result<Void, any Error>) {
    self.result = result
    isSet.signal()
  }

  func wait() throws {
    isSet.wait()
    try result?.get()
  }
}
