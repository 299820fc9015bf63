import Glibc
import Synchronization

/// A file descriptor with one owner, closed when it is dropped.
package final class Descriptor: Sendable {
  private let value: Atomic<Int32>

  package init(_ value: Int32) {
    self.value = Atomic(value)
  }

  /// The number, -1 after `close`.
  package var number: Int32 { value.load(ordering: .acquiring) }

  /// Closes it now; a second call does nothing.
  package func close() {
    let old = value.exchange(-1, ordering: .acquiringAndReleasing)
    if old >= 0 { _ = Glibc.close(old) }
  }

  deinit { close() }
}
