import Reactor

extension PostgresConnection {
  static let late = PostgresError(.deadlineExceeded, "the call's deadline has passed")

  /// Stops a call when its time is over.
  func expire(_ call: PipelinedCall, at limit: MonotonicTime) {
    let id = call.id
    call.timer = loop.schedule(at: limit) { [weak self] in
      self?.assumeIsolated { $0.cancel(id, Self.late) }
    }
  }

  /// Stops a call that has not been answered.
  func cancel(_ id: UInt64, _ reason: PostgresError) {
    guard let place = calls.firstIndex(where: { $0.id == id }), !calls[place].isCancelled else {
      return
    }
    let call = calls[place]
    call.cancel(reason)
    if place == 0 {
      sendCancellation()
    } else {
      // Its turn has not come, and may not for long; the server is asked when it does.
      call.abandon(reason)
    }
    if isPaused { resumeReading() }
  }

  /// Asks the server to stop what it does; one that does not answer in time is given up.
  func sendCancellation() {
    isSpoilt = true
    Canceller(of: handle)?.send()
    loop.schedule(after: configuration.cancelTimeout) { [weak self] in
      self?.assumeIsolated { connection in
        guard connection.calls.first?.isCancelled == true else { return }
        connection.fail(PostgresError(.connection, "the database does not answer a cancellation"))
      }
    }
  }
}
