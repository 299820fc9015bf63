import Reactor

extension PostgresPool {
  /// Makes a connection for each who waits, within the bound; during an outage one at a time.
  func makeWhatIsWanted() {
    while !isClosed, makingCount < waiters.count, openCount < configuration.maxConnections {
      if let outage {
        guard makingCount == 0 else { return }
        guard outage.until <= loop.now() else { return tryAgain(at: outage.until) }
      }
      openCount += 1
      makingCount += 1
      // Not the caller's task: it may be gone before, and another takes the connection then.
      Task(executorPreference: loop) { await self.make() }
    }
  }

  /// Makes a connection if the last attempt failed and the next is due, though nobody waits for
  /// one: so that it is known whether the outage is over.
  ///
  /// - Returns: how the pool does behind it.
  package func lookAgain() async -> PostgresPoolStatus {
    if let outage, outage.until <= loop.now(), !isClosed, makingCount == 0,
      openCount < configuration.maxConnections
    {
      openCount += 1
      makingCount += 1
      await make()
    }
    return status
  }

  private func tryAgain(at time: MonotonicTime) {
    retry?.cancel()
    retry = loop.schedule(at: time) { [weak self] in
      self?.assumeIsolated { $0.makeWhatIsWanted() }
    }
  }

  private func make() async {
    let outcome: Result<PostgresConnection, any Error>
    do {
      outcome = .success(try await PostgresConnection.connect(configuration, loop: loop))
    } catch { outcome = .failure(error) }
    makingCount -= 1
    switch outcome {
    case .success(let connection):
      outage = nil
      backoff.reset()
      handOver(connection)
    case .failure(let error):
      openCount -= 1
      let reason = error as? PostgresError ?? PostgresError(.connection, "\(error)")
      outage = (reason, loop.now().advanced(by: backoff.next()))
      // Without any connection nobody will be served soon.
      if openCount == makingCount { waiters.refuseAll(reason) }
    }
    makeWhatIsWanted()
  }
}
