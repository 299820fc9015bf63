package import APIBindings
package import BenchmarkDomain

extension AgentSessionResponse {
  /// What the server says, as it goes over the wire.
  package init(_ message: ServerMessage) { self.init(message: Message(message)) }
}

extension AgentSessionResponse.Message {
  fileprivate init(_ message: ServerMessage) {
    self =
      switch message {
      case .welcome(let session, let credit, let lease, let heartbeat):
        .welcome(
          Welcome(
            sessionId: session, sampleCredit: credit, leaseDuration: ProtobufDuration(lease),
            heartbeatInterval: ProtobufDuration(heartbeat)))
      case .lease(let lease): .lease(LeaseGrant(lease))
      case .noWork(let pause): .noWork(NoWork(retryAfter: ProtobufDuration(pause)))
      case .acknowledged(let execution, let sequence, let commit):
        .ack(SampleAck(executionId: execution, sequence: sequence, commitNumber: commit))
      case .revoked(let fence, let code, let reason):
        .revoked(
          LeaseRevoked(lease: LeaseReference(fence), code: code.rawValue, reason: reason))
      case .heartbeat(let time): .heartbeat(HeartbeatEcho(serverTime: Timestamp(time)))
      }
  }
}

extension LeaseGrant {
  package init(_ lease: GrantedLease) {
    self.init(
      lease: LeaseReference(lease.fence), runId: lease.runID,
      requestsPerConfiguration: lease.requestsPerConfiguration,
      warmupRequests: lease.warmupRequests, seed: lease.seed,
      items: lease.items.map { WorkItem($0) }, models: lease.models.map { Model($0) })
  }
}

extension APIBindings.WorkItem {
  package init(_ item: BenchmarkDomain.WorkItem) {
    self.init(
      executionId: item.executionID, configuration: Configuration(item.configuration),
      committedRequests: item.committed.bytes, nextSegment: item.nextSegment)
  }
}

extension GrantedLease: MessageReadable {
  package init(reading message: LeaseGrant) throws(InvalidField) {
    let requests = try number(
      message.requestsPerConfiguration, "requests_per_configuration", in: 1...100_000)
    try checkCount(message.items.count, "items", 1_000)
    var items: [BenchmarkDomain.WorkItem] = []
    for (index, item) in message.items.enumerated() {
      do throws(InvalidField) {
        items.append(try BenchmarkDomain.WorkItem(reading: item, requests: Int(requests)))
      } catch {
        throw error.within("items[\(index)]")
      }
    }
    self.init(
      fence: try required(message.lease, "lease"), runID: try id(message.runId, "run_id"),
      requestsPerConfiguration: requests,
      warmupRequests: try number(message.warmupRequests, "warmup_requests", in: 0...100_000),
      seed: message.seed, items: items, models: try list(message.models, "models", limit: 1_000))
  }
}

extension BenchmarkDomain.WorkItem {
  /// Reads an item of a lease with so many requests for each configuration.
  fileprivate init(reading message: APIBindings.WorkItem, requests: Int) throws(InvalidField) {
    let bytes = message.committedRequests
    let committed =
      bytes.isEmpty
      ? RequestBitmap(count: requests) : RequestBitmap(count: requests, bytes: bytes)
    guard let committed else {
      throw InvalidField("committed_requests", "must have one bit for each request")
    }
    self.init(
      executionID: try id(message.executionId, "execution_id"),
      configuration: try required(message.configuration, "configuration"), committed: committed,
      nextSegment: try number(message.nextSegment, "next_segment", in: 0...largestSegment))
  }
}

extension ServerMessage: MessageReadable {
  package init(reading message: AgentSessionResponse) throws(InvalidField) {
    switch message.message {
    case .welcome(let welcome):
      self = .welcome(
        sessionID: welcome.sessionId,
        sampleCredit: try number(welcome.sampleCredit, "welcome.sample_credit", in: 1...1_000_000),
        leaseDuration: try required(welcome.leaseDuration, "welcome.lease_duration"),
        heartbeatInterval: try period(welcome.heartbeatInterval, "welcome.heartbeat_interval"))
    case .lease(let grant): self = .lease(try required(grant, "lease"))
    case .noWork(let pause):
      self = .noWork(retryAfter: try period(pause.retryAfter, "no_work.retry_after"))
    case .ack(let ack):
      self = .acknowledged(
        executionID: try id(ack.executionId, "ack.execution_id"), sequence: ack.sequence,
        commitNumber: ack.commitNumber)
    case .revoked(let revoked):
      guard let code = RevocationCode(rawValue: revoked.code) else {
        throw InvalidField("revoked.code", "has the unknown value \(revoked.code)")
      }
      self = .revoked(
        try required(revoked.lease, "revoked.lease"), code, reason: revoked.reason)
    case .heartbeat(let echo):
      self = .heartbeat(try required(echo.serverTime, "heartbeat.server_time"))
    case nil: throw InvalidField("message", "must be given")
    }
  }
}

/// How often an agent shall do something: at most twenty times a second, so that no server keeps it
/// busy with that alone, and at least once an hour.
private func period(
  _ message: ProtobufDuration?, _ field: String
) throws(InvalidField) -> Swift.Duration {
  let period: Swift.Duration = try required(message, field)
  guard period >= .milliseconds(50), period <= .seconds(3_600) else {
    throw InvalidField(field, "must be from 0.05 to 3600 seconds, not \(period)")
  }
  return period
}
