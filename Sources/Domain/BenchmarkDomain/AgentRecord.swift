/// What an agent has and can run.
package struct AgentInventory: Sendable, Hashable {
  /// Host name, for people.
  package var hostName: String
  /// Version of the agent.
  package var agentVersion: String
  /// Hardware profiles that it can be.
  package var hardwareIDs: [String]
  /// Engines that it can drive.
  package var engineIDs: [String]
  /// Models that it can serve; empty for any.
  package var modelIDs: [String]
  /// Quantizations that it can serve; empty for any.
  package var quantizationIDs: [String]
  /// True when its engine is the simulated one.
  package var isSimulated: Bool

  /// Makes an inventory.
  package init(
    hostName: String, agentVersion: String, hardwareIDs: [String], engineIDs: [String],
    modelIDs: [String] = [], quantizationIDs: [String] = [], isSimulated: Bool = false
  ) {
    self.hostName = hostName
    self.agentVersion = agentVersion
    self.hardwareIDs = hardwareIDs
    self.engineIDs = engineIDs
    self.modelIDs = modelIDs
    self.quantizationIDs = quantizationIDs
    self.isSimulated = isSimulated
  }

  /// True when the agent can measure the batch.
  package func canRun(_ batch: Batch) -> Bool {
    hardwareIDs.contains(batch.hardwareID)
      && engineIDs.contains(batch.engineID)
      && (modelIDs.isEmpty || modelIDs.contains(batch.modelID))
      && (quantizationIDs.isEmpty || quantizationIDs.contains(batch.quantizationID))
  }
}

/// An agent that has said hello.
package struct AgentRecord: Sendable, Hashable {
  /// Its own id, kept over restarts.
  package var id: String
  /// What it has and can run.
  package var inventory: AgentInventory
  /// When it was last heard of.
  package var lastSeenAt: WallTime
  /// Batch that it has leased.
  package var batchID: String?

  /// Makes a record.
  package init(id: String, inventory: AgentInventory, lastSeenAt: WallTime, batchID: String? = nil)
  {
    self.id = id
    self.inventory = inventory
    self.lastSeenAt = lastSeenAt
    self.batchID = batchID
  }
}
