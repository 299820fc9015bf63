package import BenchmarkDomain
internal import PostgresClient
package import Storage

extension PostgresStore {
  private static let agentColumns = """
    id, host_name, agent_version, hardware_ids, engine_ids, model_ids, quantization_ids, \
    is_simulated, last_seen_at, batch_id
    """

  package func upsert(_ agent: AgentRecord) async throws {
    guard !agent.id.isEmpty else { throw StorageError(.invalid, "An agent needs an id.") }
    let inventory = agent.inventory
    let statement = PostgresStatement.insert(
      into: "benchfront.agent", Self.agentColumns,
      [
        .text(agent.id), .text(inventory.hostName), .text(inventory.agentVersion),
        .textArray(inventory.hardwareIDs), .textArray(inventory.engineIDs),
        .textArray(inventory.modelIDs), .textArray(inventory.quantizationIDs),
        .bool(inventory.isSimulated), .int8(agent.lastSeenAt.nanoseconds), .text(agent.batchID),
      ],
      """
      ON CONFLICT (id) DO UPDATE SET (host_name, agent_version, hardware_ids, engine_ids,
        model_ids, quantization_ids, is_simulated, last_seen_at, batch_id)
      = (excluded.host_name, excluded.agent_version, excluded.hardware_ids, excluded.engine_ids,
        excluded.model_ids, excluded.quantization_ids, excluded.is_simulated,
        excluded.last_seen_at, excluded.batch_id)
      """)
    try await transaction(on: agentPool) { _ = try await $0.run([statement]) }
  }

  package func agents(page: PageRequest) async throws -> Page<AgentRecord> {
    let list = PagedList(
      question: "agents", columns: Self.agentColumns, source: "benchfront.agent",
      key: SortKey(expression: "last_seen_at", kind: .integer, isDescending: true),
      ids: [SortKey(expression: "id", kind: .text)])
    return try await read { connection in
      try await list.page(page, connection) { reader in
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
