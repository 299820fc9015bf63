package import APIBindings
import APIMapping
import BenchmarkDomain
import GRPC

extension BenchmarkController {
  /// An agent's session: one task reads what the agent says, one writes what the session answers,
  /// two wait for work and for cancellations. The first that ends, ends them all.
  package func agentSession(
    _ requests: RequestStream<AgentSessionRequest>,
    _ responses: ResponseStream<AgentSessionResponse>
  ) async throws {
    let caller = requests.context.principal
    let session = AgentSession(services: plane) { [agentGot] agentID, fence in
      agentGot(caller, "batch \(fence.batchID) to agent \(agentID), token \(fence.token)")
    }
    let id = await sessions.open(session)
    do {
      try await translating {
        try await serve(session, caller, requests: requests, responses: responses)
      }
    } catch {
      await sessions.close(id, at: plane.clock(), patience: plane.settings.leaseDuration)
      throw error
    }
    await sessions.close(id, at: plane.clock(), patience: plane.settings.leaseDuration)
  }

  private func serve(
    _ session: AgentSession, _ caller: Principal?, requests: RequestStream<AgentSessionRequest>,
    responses: ResponseStream<AgentSessionResponse>
  ) async throws {
    let work = await plane.signals.subscribe(.work)
    let cancellations = await plane.signals.subscribe(.cancellation)
    try await withThrowingTaskGroup(of: Void.self) { [agentGot] group in
      group.addTask {
        while let bytes = try await requests.arrival() {
          let room = try await session.roomToRead(bytes)
          let message: AgentMessage
          switch try await requests.next(reading: AgentMessage.init(samplesIn:)) {
          case nil: return
          case .read(let samples): message = samples
          case .decoded(let request):
            do throws(RPCError) {
              message = try AgentMessage(request)
            } catch {
              guard let refused = RefusedSamples(request, because: error) else { throw error }
              try await session.refuse(refused)
              continue
            }
          }
          let spoken = try message.spoken(by: caller)
          try await session.receive(spoken, room: room)
          if case .hello(let agentID, _, _) = spoken {
            requests.context.subject = "agent \(agentID)"
            agentGot(caller, "agent \(agentID)")
          }
        }
      }
      group.addTask {
        for await message in session.outgoing {
          session.taken()
          try await responses.send(AgentSessionResponse(message))
        }
      }
      group.addTask {
        for await _ in work { try await session.offerWork() }
        throw RPCError(.unavailable, "the server stops")
      }
      group.addTask { for await error in session.failures { throw error } }
      group.addTask { for await _ in cancellations { try await session.checkLeases() } }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}

extension AgentMessage {
  /// Puts an agent under the name of its caller, so that nobody can speak for the agents, and write
  /// under the leases, of another caller. Names may have slashes, ids behind them may not: the last
  /// one ends the name.
  fileprivate func spoken(by caller: Principal?) throws(RPCError) -> AgentMessage {
    guard let caller, case .hello(let id, let inventory, let held) = self else { return self }
    guard !id.contains("/") else {
      throw .invalidArgument(
        field: "hello.agent_id", reason: "must have no slash where callers are known by name")
    }
    return .hello(agentID: "\(caller.name)/\(id)", inventory: inventory, heldLeases: held)
  }
}
