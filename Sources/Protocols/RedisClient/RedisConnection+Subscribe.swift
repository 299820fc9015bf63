import Reactor

/// What a connection listens to.
struct Subscription {
  /// The channels.
  let channels: [String]
  /// Channels whose confirmation is due.
  var unconfirmed: Set<[UInt8]> = []
  /// Called when all are confirmed for the first time, or never will be.
  var began: ((Result<Void, RedisError>) -> Void)?
  /// Called for each message.
  let say: ([UInt8], [UInt8]) -> Void
  /// When the server is tried next, or given up.
  var timer: Timer?

  /// Tells who waits for the beginning.
  mutating func begin(_ result: Result<Void, RedisError>) {
    let waiting = began
    began = nil
    waiting?(result)
  }
}

extension RedisConnection {
  /// Listens to channels; from its return on nothing is missed until the connection ends, which it
  /// does when the server falls silent.
  ///
  /// - Parameters:
  ///   - began: called on the loop when the server has confirmed, before any message.
  ///   - handler: called on the loop with the channel and the payload of each message.
  func listen(
    _ channels: [String], began: @escaping @Sendable () -> Void,
    _ handler: @escaping @Sendable ([UInt8], [UInt8]) -> Void
  ) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      if case .closed(let error) = state { return continuation.resume(throwing: error) }
      let tell: (Result<Void, RedisError>) -> Void = { result in
        if case .success = result { began() }
        continuation.resume(with: result.mapError { $0 })
      }
      subscription = Subscription(channels: channels, began: tell, say: handler)
      subscribe()
    }
  }

  /// Subscribes, again and again: a server confirms what it has confirmed before, and so shows that
  /// it is there. (hiredis 0.14 loses track of PING among subscriptions.)
  private func subscribe() {
    guard var current = subscription else { return }
    current.unconfirmed = Set(current.channels.map { Array($0.utf8) })
    current.timer = loop.schedule(after: configuration.answerTimeout) { [weak self] in
      self?.assumeIsolated { $0.fail(RedisError(.connection, "Redis does not answer")) }
    }
    subscription = current
    guard context?.subscribe(current.channels) == true else {
      return fail(RedisError(.connection, "hiredis does not take the subscription"))
    }
  }

  func confirmed(_ channel: [UInt8]) {
    guard subscription?.unconfirmed.remove(channel) != nil,
      subscription?.unconfirmed.isEmpty == true
    else { return }
    subscription?.timer?.cancel()
    subscription?.timer = loop.schedule(after: configuration.checkAfter) { [weak self] in
      self?.assumeIsolated { $0.subscribe() }
    }
    subscription?.begin(.success(()))
  }
}
