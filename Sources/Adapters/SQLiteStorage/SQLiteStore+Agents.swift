package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore {
  private static let agentColumns = """
    id, host_name, agent_version, hardware_ids, engine_ids, model_ids, quantization_ids, \
    is_simulated, last_seen_at, batch_id
    """

  package func upsert(_ agent: AgentRecord) async throws {
    guard !agent.id.isEmpty else { throw StorageError(.invalid, "An agent needs an id.") }
    let inventory = agent.inventory
    _ = try await write { database, _ in
      try database.run(
        """
        INSERT OR REPLACE INTO agent (\(Self.agentColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          agent.id, inventory.hostName, inventory.agentVersion,
          try TextList.encode(inventory.hardwareIDs), try TextList.encode(inventory.engineIDs),
          try TextList.encode(inventory.modelIDs),
          try TextList.encode(inventory.quantizationIDs), inventory.isSimulated,
          agent.lastSeenAt.nanoseconds, agent.batchID,
        ])
    }
  }

  package func agents(page: PageRequest) async throws -> Page<AgentRecord> {
    let list = PagedList(
      question: "agents", columns: Self.agentColumns, source: "agent",
      keys: [SortKey(expression: "last_seen_at", isDescending: true), SortKey(expression: "id")])
    return try await read { database in
      try list.page(page, database) { reader in
        let id = try reader.text()
        let inventory = AgentInventory(
          hostName: try reader.text(), agentVersion: try reader.text(),
          hardwareIDs: try reader.texts(), engineIDs: try reader.texts(),
          modelIDs: try reader.texts(), quantizationIDs: try reader.texts(),
          isSimulated: try reader.bool())
        return AgentRecord(
          id: id, inventory: inventory, lastSeenAt: try reader.time(),
          batchID: try reader.optionalText())
      }
    }
  }
}
