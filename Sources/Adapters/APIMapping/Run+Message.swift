package import APIBindings
package import BenchmarkDomain
package import Storage

extension APIBindings.Batch {
  /// The batch; whether it waits for an agent that is not there, the store does not know, and what
  /// failed in it is asked for apart.
  package init(
    _ batch: BenchmarkDomain.Batch, lacksAgent: Bool = false, failures: BatchFailures? = nil
  ) {
    self.init(
      id: batch.id, index: batch.index, state: batch.state.wire, hardwareId: batch.hardwareID,
      configurationCount: batch.configurationCount, endedCount: batch.endedCount,
      agentId: batch.agentID ?? "", fencingToken: batch.fencingToken,
      leaseExpiresAt: batch.leaseExpiresAt.map { Timestamp($0) }, modelId: batch.modelID,
      engineId: batch.engineID, quantizationId: batch.quantizationID, lacksAgent: lacksAgent,
      failedCount: failures?.count ?? 0, firstFailure: failures?.firstReason ?? "")
  }
}

extension APIBindings.Run {
  /// The run, with its batches where the answer carries them, which of them lack an agent, and what
  /// failed in them.
  package init(
    _ run: BenchmarkDomain.Run, batches: [BenchmarkDomain.Batch] = [],
    withoutAgent: Set<String> = [], failures: [BatchFailures] = []
  ) {
    let failures = Dictionary(failures.map { ($0.batchID, $0) }) { first, _ in first }
    self.init(
      id: run.id, name: run.name, state: run.state.wire,
      requestsPerConfiguration: run.requestsPerConfiguration,
      warmupRequests: run.warmupRequests, seed: run.seed,
      configurationCount: run.configurationCount, completedCount: run.completedCount,
      failedCount: run.failedCount, infeasibleCount: run.infeasibleCount,
      committedSampleCount: run.committedSampleCount, batchCount: run.batchCount,
      commitNumber: run.commitNumber, createdAt: Timestamp(run.createdAt),
      startedAt: run.startedAt.map { Timestamp($0) }, endedAt: run.endedAt.map { Timestamp($0) },
      batches: batches.map {
        Batch($0, lacksAgent: withoutAgent.contains($0.id), failures: failures[$0.id])
      })
  }
}

extension BenchmarkDomain.Run: MessageReadable {
  /// The batches are left out: they tell less than the domain's.
  package init(reading message: APIBindings.Run) throws(InvalidField) {
    self.init(
      id: try APIMapping.id(message.id, "id"), name: try APIMapping.name(message.name, "name"),
      requestID: nil,
      requestsPerConfiguration: try number(
        message.requestsPerConfiguration, "requests_per_configuration", in: 1...100_000),
      warmupRequests: try count(message.warmupRequests, "warmup_requests"), seed: message.seed,
      configurationCount: try count(message.configurationCount, "configuration_count"),
      infeasibleCount: try count(message.infeasibleCount, "infeasible_count"),
      batchCount: try count(message.batchCount, "batch_count"),
      createdAt: try required(message.createdAt, "created_at"))
    state = try value(message.state, "state")
    completedCount = try count(message.completedCount, "completed_count")
    failedCount = try count(message.failedCount, "failed_count")
    committedSampleCount = try count(message.committedSampleCount, "committed_sample_count")
    commitNumber = try count(message.commitNumber, "commit_number")
    startedAt = try optional(message.startedAt, "started_at")
    endedAt = try optional(message.endedAt, "ended_at")
  }
}

extension APIBindings.AgentInventory {
  package init(_ inventory: BenchmarkDomain.AgentInventory) {
    self.init(
      hostName: inventory.hostName, agentVersion: inventory.agentVersion,
      hardwareIds: inventory.hardwareIDs, engineIds: inventory.engineIDs,
      modelIds: inventory.modelIDs, quantizationIds: inventory.quantizationIDs,
      isSimulated: inventory.isSimulated)
  }
}

extension BenchmarkDomain.AgentInventory: MessageReadable {
  package init(reading message: APIBindings.AgentInventory) throws(InvalidField) {
    self.init(
      hostName: try name(message.hostName, "host_name"),
      agentVersion: try name(message.agentVersion, "agent_version"),
      hardwareIDs: try ids(message.hardwareIds, "hardware_ids"),
      engineIDs: try ids(message.engineIds, "engine_ids"),
      modelIDs: try ids(message.modelIds, "model_ids"),
      quantizationIDs: try ids(message.quantizationIds, "quantization_ids"),
      isSimulated: message.isSimulated)
  }
}

extension Agent {
  /// The agent; whether a session of it is open, the store does not know.
  package init(_ record: AgentRecord, isConnected: Bool) {
    self.init(
      id: record.id, inventory: AgentInventory(record.inventory), isConnected: isConnected,
      lastSeenAt: Timestamp(record.lastSeenAt), batchId: record.batchID ?? "")
  }
}

extension AgentRecord: MessageReadable {
  package init(reading message: Agent) throws(InvalidField) {
    self.init(
      id: try APIMapping.id(message.id, "id"),
      inventory: try required(message.inventory, "inventory"),
      lastSeenAt: try required(message.lastSeenAt, "last_seen_at"),
      batchID: try optionalID(message.batchId, "batch_id"))
  }
}
