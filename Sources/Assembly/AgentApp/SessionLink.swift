import APIBindings
import APIMapping
import BenchmarkDomain
package import GRPC
import SampleSpool

/// Keeps a session open: connects, hands messages both ways, and comes back after every cut.
package struct SessionLink: Sendable {
  let channel: ClientChannel
  let controller: AgentController
  let log: @Sendable (String) -> Void

  /// Makes a link on a channel.
  package init(
    channel: ClientChannel, controller: AgentController, log: @escaping @Sendable (String) -> Void
  ) {
    self.channel = channel
    self.controller = controller
    self.log = log
  }

  /// Runs sessions one after the other until the task is cancelled. Throws what no reconnecting
  /// mends: a server that refuses the agent for good.
  package func run() async throws {
    var pause = Duration.milliseconds(250)
    while !Task.isCancelled {
      do {
        try await session()
        log("the server ended the session; connecting again")
      } catch let error as RPCError {
        guard error.isPassing else { throw error }
        log("no session: \(error.message)")
      } catch let error as SpoolError where error.code == .full || error.code == .unavailable {
        log("the spool does not take part: \(error.message)")
      }
      await controller.disconnected()
      // Jitter keeps a fleet of agents from coming back all at once.
      let jitter = Double.random(in: 0.8...1.2)
      try await Task.sleep(for: pause * jitter)
      pause = min(pause * 2, .seconds(5))
      if await controller.wasWelcomed { pause = .milliseconds(250) }
    }
  }

  private func session() async throws {
    let call = try await BenchmarkControlClient(channel).agentSession()
    let (outbox, outgoing) = AsyncStream.makeStream(of: AgentMessage.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await message in outbox { try await call.send(AgentSessionRequest(message)) }
      }
      group.addTask {
        while let response = try await call.next() {
          try await controller.receive(try ServerMessage(response, at: ""))
        }
      }
      group.addTask {
        while true {
          try await Task.sleep(for: await controller.heartbeatInterval)
          await controller.heartbeat()
        }
      }
      try await controller.connected { outgoing.yield($0) }
      defer {
        group.cancelAll()
        call.cancel()
      }
      try await group.next()
    }
  }
}

extension RPCError {
  /// True when the same session may be opened later.
  fileprivate var isPassing: Bool {
    switch code {
    case .unauthenticated, .permissionDenied, .unimplemented, .invalidArgument: false
    default: true
    }
  }
}
