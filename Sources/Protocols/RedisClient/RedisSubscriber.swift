package import Reactor

/// Listens to channels for as long as it lives, on a connection of its own, which it makes again
/// when it breaks.
package actor RedisSubscriber {
  /// What it tells, in order.
  package enum Event: Sendable, Hashable {
    /// Nothing is missed from now on. What was published before, and while it was `lost`, is
    /// unknown: whoever cares looks now at what the messages were about.
    case began
    /// Somebody published on a channel.
    case said(channel: String, payload: [UInt8])
    /// Nothing is heard until it began again, and why; again after each attempt that failed.
    case lost(RedisError)
  }

  /// The loop that the subscriber lives on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  private nonisolated let configuration: RedisConfiguration
  private nonisolated let channels: [String]
  private nonisolated let handler: @Sendable (Event) -> Void
  private var life: Task<Void, Never>?

  /// A subscriber that does not listen yet.
  ///
  /// - Parameter handler: called on the loop for each event.
  package init(
    _ channels: [String], _ configuration: RedisConfiguration, loop: EventLoop,
    _ handler: @escaping @Sendable (Event) -> Void
  ) {
    precondition(!channels.isEmpty, "there is nothing to listen to")
    self.channels = channels
    self.configuration = configuration
    self.loop = loop
    self.handler = handler
  }

  deinit { life?.cancel() }

  /// Begins to listen; it goes on until `stop`, or as long as it lives.
  package func start() {
    guard life == nil else { return }
    life = Task(executorPreference: loop) { [configuration, channels, loop, handler] in
      var backoff = Backoff(configuration.backoff)
      while !Task.isCancelled {
        do {
          let connection = try await RedisConnection.connect(configuration, loop: loop)
          try await connection.listen(channels, began: { handler(.began) }) { channel, payload in
            handler(.said(channel: String(decoding: channel, as: UTF8.self), payload: payload))
          }
          backoff.reset()
          handler(.lost(await connection.end()))
        } catch {
          handler(.lost(error as? RedisError ?? RedisError(.connection, "\(error)")))
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
