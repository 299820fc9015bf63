package import Reactor

/// Listens to channels for as long as it lives, on a connection of its own, which it makes again
/// when it breaks.
package actor PostgresListener {
  /// What it tells, in order.
  package enum Event: Sendable, Hashable {
    /// Nothing is missed from now on. What was said before, and while it was `lost`, is unknown:
    /// whoever cares reads now what the notifications were about.
    case began
    /// Another session said something.
    case said(PostgresNotification)
    /// Nothing is heard until it began again, and why; again after each attempt that failed.
    case lost(PostgresError)
  }

  /// The loop that the listener lives on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  private nonisolated let configuration: PostgresConfiguration
  private nonisolated let channels: [String]
  private nonisolated let handler: @Sendable (Event) -> Void
  private var life: Task<Void, Never>?

  /// A listener that does not listen yet.
  ///
  /// - Parameter handler: called on the loop for each event.
  package init(
    _ channels: [String], _ configuration: PostgresConfiguration, loop: EventLoop,
    _ handler: @escaping @Sendable (Event) -> Void
  ) {
    self.channels = channels
    var own = configuration
    // It hears nothing for long: a server that is gone shows by its silence to a trial.
    own.answerTimeout = min(own.answerTimeout, own.checkTimeout)
    self.configuration = own
    self.loop = loop
    self.handler = handler
  }

  /// Begins to listen; it goes on until `stop`.
  package func start() {
    guard life == nil else { return }
    life = Task(executorPreference: loop) { [configuration, channels, loop, handler] in
      var backoff = Backoff(configuration.backoff)
      while !Task.isCancelled {
        do {
          let connection = try await PostgresConnection.connect(configuration, loop: loop)
          try await connection.listen(
            channels, { handler(.said($0)) }, began: { handler(.began) })
          backoff.reset()
          handler(.lost(await connection.end(tryingEvery: configuration.checkAfter)))
        } catch {
          handler(.lost(error as? PostgresError ?? PostgresError(.connection, "\(error)")))
        }
        // Cancelled, or it is time for the next attempt.
        try? await loop.sleep(for: backoff.next())
      }
    }
  }

  /// Stops to listen; the handler is not called again after that.
  package func stop() async {
    life?.cancel()
    await life?.value
  }
}

extension PostgresConnection {
  /// Listens; `began` is called when the server has said so, before any notification.
  fileprivate func listen(
    _ channels: [String], _ handler: @escaping @Sendable (PostgresNotification) -> Void,
    began: @escaping @Sendable () -> Void
  ) async throws {
    notificationHandler = handler
    try await withCheckedThrowingContinuation { continuation in
      send(
        newCallID(), Self.listening(to: channels),
        .callback { outcome in
          if case .success = outcome { began() }
          continuation.resume(with: outcome.map { _ in }.mapError { $0 })
        })
    }
  }

  /// Waits until the connection ends, and tries it in between, since a server that has vanished
  /// says nothing. It ends with the task, too.
  fileprivate func end(tryingEvery pause: Duration) async -> PostgresError {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if case .closed(let error) = state { return continuation.resume(returning: error) }
        endHandler = { continuation.resume(returning: $0) }
        tryLater(pause)
        if Task.isCancelled { close() }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.close() } }
    }
  }

  private func tryLater(_ pause: Duration) {
    loop.schedule(after: pause) { [weak self] in
      self?.assumeIsolated { connection in
        guard case .ready = connection.state else { return }
        // A server that does not answer is given up for its silence.
        connection.send(
          connection.newCallID(), [PostgresStatement("SELECT 1")],
          .callback { [weak connection] outcome in
            guard case .success = outcome else { return }
            connection?.assumeIsolated { $0.tryLater(pause) }
          })
      }
    }
  }
}
