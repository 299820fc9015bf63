package import APIBindings
package import BenchmarkDomain
package import GRPC

extension LeaseReference {
  package init(_ fence: Fence) { self.init(batchId: fence.batchID, fencingToken: fence.token) }
}

extension Fence: MessageReadable {
  package init(reading message: LeaseReference) throws(InvalidField) {
    self.init(
      batchID: try id(message.batchId, "batch_id"),
      token: try count(message.fencingToken, "fencing_token"))
  }
}

extension AgentSessionRequest {
  /// What an agent says, as it goes over the wire.
  package init(_ message: AgentMessage) {
    self.init(message: Message(message))
  }
}

extension AgentSessionRequest.Message {
  fileprivate init(_ message: AgentMessage) {
    self =
      switch message {
      case .hello(let agentID, let inventory, let held):
        .hello(
          AgentHello(
            agentId: agentID, inventory: AgentInventory(inventory),
            heldLeases: held.map { LeaseReference($0) }))
      case .leaseRequest: .leaseRequest(LeaseRequest())
      case .segmentStarted(let fence, let start):
        .executionEvent(ExecutionEvent(fence, start))
      case .executionFailed(let fence, let id, let reason):
        .executionEvent(
          ExecutionEvent(
            lease: LeaseReference(fence), executionId: id, kind: .failed, failure: reason))
      case .executionFinished(let fence, let id):
        .executionEvent(
          ExecutionEvent(lease: LeaseReference(fence), executionId: id, kind: .finished))
      case .samples(let fence, let id, let sequence, let samples):
        .samples(
          SampleBatch(
            lease: LeaseReference(fence), executionId: id, sequence: sequence,
            samples: samples.map { RequestSample($0) }))
      case .heartbeat(let fence): .heartbeat(Heartbeat(lease: fence.map { LeaseReference($0) }))
      case .leaseRelease(let fence, let reason):
        .leaseRelease(LeaseRelease(lease: LeaseReference(fence), reason: reason))
      }
  }
}

extension ExecutionEvent {
  fileprivate init(_ fence: Fence, _ start: SegmentStart) {
    self.init(
      lease: LeaseReference(fence), executionId: start.executionID, kind: .segmentStarted,
      segment: start.segment, wallClockAnchor: Timestamp(start.wallClockAnchor),
      engineVersion: start.engineVersion, modelRevision: start.modelRevision)
  }
}

extension AgentMessage: MessageReadable {
  /// Most samples of one message.
  package static let maximumSamples = 256

  /// Reads what an agent said; throws INVALID_ARGUMENT naming the field.
  package init(_ request: AgentSessionRequest.View) throws(RPCError) {
    do throws(InvalidField) { try self.init(reading: request.value) } catch {
      throw RPCError(error)
    }
  }

  package init(reading message: AgentSessionRequest) throws(InvalidField) {
    switch message.message {
    case .hello(let hello): self = try Self.reading("hello", hello, Self.hello)
    case .leaseRequest: self = .leaseRequest
    case .executionEvent(let event): self = try Self.reading("execution_event", event, Self.event)
    case .samples(let batch):
      self = try Self.reading("samples", batch) { batch throws(InvalidField) in
        .samples(
          try required(batch.lease, "lease"), executionID: try Self.execution(batch.executionId),
          sequence: try Self.sequence(batch.sequence),
          try list(batch.samples, "samples", limit: Self.maximumSamples))
      }
    case .heartbeat(let beat):
      self = try Self.reading("heartbeat", beat) { beat throws(InvalidField) in
        .heartbeat(try optional(beat.lease, "lease"))
      }
    case .leaseRelease(let release):
      self = try Self.reading("lease_release", release) { release throws(InvalidField) in
        .leaseRelease(
          try required(release.lease, "lease"), reason: try report(release.reason, "reason"))
      }
    case nil: throw InvalidField("message", "must be given")
    }
  }

  /// Names the field that holds the part in what is thrown.
  private static func reading<Part>(
    _ field: String, _ part: Part, _ read: (Part) throws(InvalidField) -> AgentMessage
  ) throws(InvalidField) -> AgentMessage {
    do throws(InvalidField) { return try read(part) } catch { throw error.within(field) }
  }

  private static func hello(_ hello: AgentHello) throws(InvalidField) -> AgentMessage {
    let agent = try name(try id(hello.agentId, "agent_id"), "agent_id", limit: 100)
    return .hello(
      agentID: agent, inventory: try required(hello.inventory, "inventory"),
      heldLeases: try list(hello.heldLeases, "held_leases", limit: 1_000))
  }

  private static func event(_ event: ExecutionEvent) throws(InvalidField) -> AgentMessage {
    let fence: Fence = try required(event.lease, "lease")
    let execution = try id(event.executionId, "execution_id")
    switch event.kind {
    case .segmentStarted:
      let start = SegmentStart(
        executionID: execution,
        segment: try number(event.segment, "segment", in: 0...largestSegment),
        wallClockAnchor: try required(event.wallClockAnchor, "wall_clock_anchor"),
        engineVersion: try name(event.engineVersion, "engine_version"),
        modelRevision: try name(event.modelRevision, "model_revision"))
      return .segmentStarted(fence, start)
    case .failed:
      return .executionFailed(
        fence, executionID: execution, reason: try report(event.failure, "failure"))
    case .finished: return .executionFinished(fence, executionID: execution)
    case .unspecified: throw InvalidField("kind", "must be given")
    case .unrecognized(let number): throw InvalidField("kind", "has the unknown value \(number)")
    }
  }

  private static func execution(_ id: String) throws(InvalidField) -> String {
    try APIMapping.id(id, "execution_id")
  }

  private static func sequence(_ number: UInt64) throws(InvalidField) -> UInt64 {
    try APIMapping.number(number, "sequence", in: 0...UInt64(Int64.max))
  }
}

extension AgentMessage {
  /// The lease and the execution of a message of samples, also of one whose samples cannot be read;
  /// nil for other messages and where these two are not readable themselves.
  package static func execution(
    ofSamplesIn request: AgentSessionRequest.View
  ) -> (Fence, executionID: String)? {
    guard case .samples(let batch) = request.message else { return nil }
    do throws(InvalidField) {
      return (try required(batch.lease?.value, "lease"), try execution(batch.executionId.string))
    } catch {
      return nil
    }
  }
}
