import CPostgres

/// libpq's request to cancel what a connection does now.
// @unchecked: it is a copy of its own, which one thread uses.
final class Canceller: @unchecked Sendable {
  private let request: OpaquePointer

  /// Nil when the connection has ended.
  init?(of connection: OpaquePointer?) {
    guard let request = PQgetCancel(connection) else { return nil }
    self.request = request
  }

  deinit { PQfreeCancel(request) }

  /// `PQcancel` connects and waits for the server's goodbye, hence a thread. Whether it was of use
  /// shows by what the statement does.
  func send() {
    BlockingWork.start { [self] in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { reason in
        _ = PQcancel(request, reason.baseAddress, Int32(reason.count))
      }
    }
  }
}
