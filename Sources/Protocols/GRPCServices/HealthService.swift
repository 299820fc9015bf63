package import APIBindings
package import GRPC
import Synchronization

/// `grpc.health.v1.Health`: whether a server and its services want calls; it may be used from any
/// thread.
///
/// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
package final class HealthService: HealthProvider {
  /// What a service says of itself.
  package typealias Status = HealthCheckResponse.ServingStatus

  /// Most bytes of a service's name; a watch keeps the name that a client sent.
  private static let longestName = 256

  private struct Watcher {
    let service: String
    let updates: AsyncStream<Status>.Continuation
  }

  private struct State {
    var statuses: [String: Status]
    var watchers: [UInt64: Watcher] = [:]
    var lastID: UInt64 = 0
    var isLeaving = false
    var isDraining = false
  }

  private let maxWatchers: Int
  private let state: Mutex<State>

  /// Says of every service, and of the server as a whole, that it serves. `maxWatchers` is the
  /// bound on watches that are open at once, over all connections.
  package init(services: [String], maxWatchers: Int) {
    self.maxWatchers = maxWatchers
    let statuses = Dictionary((services + [""]).map { ($0, Status.serving) }) { first, _ in first }
    state = Mutex(State(statuses: statuses))
  }

  /// Changes what a service says; the empty name is the server as a whole. Not after `leave`.
  package func set(_ status: Status, for service: String) {
    state.withLock { state in
      guard !state.isLeaving else { return }
      state.statuses[service] = status
      for watcher in state.watchers.values where watcher.service == service {
        watcher.updates.yield(status)
      }
    }
  }

  /// Nothing wants new calls any more, for good: whoever asks or watches is told.
  package func leave() {
    state.withLock { Self.leave(&$0) }
  }

  /// As `leave`, and whoever watches is sent elsewhere, so that no watch holds a server that stops.
  package func drain() {
    state.withLock { state in
      Self.leave(&state)
      state.isDraining = true
      for watcher in state.watchers.values { watcher.updates.finish() }
    }
  }

  private static func leave(_ state: inout State) {
    guard !state.isLeaving else { return }
    state.isLeaving = true
    for service in state.statuses.keys { state.statuses[service] = .notServing }
    for watcher in state.watchers.values {
      watcher.updates.yield(state.statuses[watcher.service] ?? .serviceUnknown)
    }
  }

  /// Watches that are open now.
  package var watcherCount: Int { state.withLock { $0.watchers.count } }

  package func check(
    _ request: HealthCheckRequest.View, _ context: ServerContext
  ) throws -> Reply<HealthCheckResponse> {
    let service = try Self.service(request)
    guard let status = state.withLock({ $0.statuses[service] }) else {
      throw RPCError(.notFound, "there is no service \(service)")
    }
    return .message(HealthCheckResponse(status: status))
  }

  package func list(
    _ request: HealthListRequest.View, _ context: ServerContext
  ) throws -> Reply<HealthListResponse> {
    let statuses = state.withLock { $0.statuses }.sorted { $0.key < $1.key }
    return .message(
      HealthListResponse(
        statuses: statuses.map {
          .init(key: $0.key, value: HealthCheckResponse(status: $0.value))
        }))
  }

  package func watch(
    _ request: HealthCheckRequest.View, _ responses: ResponseStream<HealthCheckResponse>
  ) async throws {
    let (id, updates) = try begin(try Self.service(request))
    defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
    var last: Status?
    for await status in updates where status != last {
      try await responses.send(HealthCheckResponse(status: status))
      last = status
    }
    try Task.checkCancellation()
    throw RPCError(.unavailable, "the server stops")
  }

  /// Enters a watch; its first update is the status now. A slow client gets the latest alone.
  private func begin(_ service: String) throws -> (UInt64, AsyncStream<Status>) {
    try state.withLock { state in
      guard state.watchers.count < maxWatchers else {
        // Clients take any other code for a server that is not well, and make no calls; after this
        // one they go on without a watch, so that nobody takes the server away from others.
        throw RPCError(.unimplemented, "the server has \(maxWatchers) watches already")
      }
      let (updates, continuation) = AsyncStream.makeStream(
        of: Status.self, bufferingPolicy: .bufferingNewest(1))
      continuation.yield(state.statuses[service] ?? .serviceUnknown)
      if state.isDraining { continuation.finish() }
      state.lastID += 1
      state.watchers[state.lastID] = Watcher(service: service, updates: continuation)
      return (state.lastID, updates)
    }
  }

  private static func service(_ request: HealthCheckRequest.View) throws(RPCError) -> String {
    guard request.service.utf8Count <= longestName else {
      throw .invalidArgument(
        field: "service", reason: "must have at most \(longestName) bytes")
    }
    return request.service.string
  }
}
