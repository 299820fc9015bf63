import Reactor

extension PostgresPool {
  /// Closes every connection that nobody uses: others want them, and the server gives no more.
  package func closeIdle() { closeIdle(unusedFor: .zero) }

  /// Closes connections that nobody has used for long: the server's are counted, and whoever else
  /// wants one would wait for ever.
  private func closeIdle(unusedFor length: Duration) {
    closing = nil
    let now = loop.now()
    while let oldest = idle.first, now.duration(since: oldest.since) >= length {
      idle.removeFirst()
      openCount -= 1
      Task(executorPreference: loop) { await oldest.connection.close() }
    }
    closeIdleLater()
  }

  /// Looks again when the one that is idle longest has been so for long.
  func closeIdleLater() {
    guard closing == nil, !isClosed, let oldest = idle.first else { return }
    let due = oldest.since.advanced(by: configuration.closeAfter)
    closing = loop.schedule(at: due) { [weak self] in
      self?.assumeIsolated { $0.closeIdle(unusedFor: $0.configuration.closeAfter) }
    }
  }
}
