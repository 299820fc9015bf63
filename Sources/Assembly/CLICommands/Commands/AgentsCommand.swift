import APIBindings
import ArgumentParser

/// `benchfront agents`: who measures.
struct AgentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agents", abstract: "List agents and what they are at.",
    subcommands: [List.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List agents.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions

    func run() async throws {
      let agents = try await server.connected { services in
        try await list.collect { size, token in
          let page = try await services.control.listAgents(
            ListAgentsRequest(pageSize: size, pageToken: token))
          return (page.agents, page.nextPageToken)
        }
      }
      guard server.output == .table else {
        return printDocument(.array(agents.map(\.json)))
      }
      var table = Table("AGENT", "HOST", "STATE", "HARDWARE", "ENGINES", "BATCH", "LAST SEEN")
      for agent in agents {
        table.add([
          agent.id, agent.inventory?.hostName ?? "", agent.stateText,
          agent.inventory?.hardwareIds.joined(separator: " ") ?? "",
          agent.inventory?.engineIds.joined(separator: " ") ?? "", agent.batchId,
          Format.time(agent.lastSeenAt),
        ])
      }
      printLines(
        table.isEmpty ? ["No agent has said hello; benchfront-agent run starts one."] : table.lines)
    }
  }
}

extension Agent {
  /// "measuring", "idle" or "gone".
  fileprivate var stateText: String {
    guard isConnected else { return "gone" }
    return batchId.isEmpty ? "idle" : "measuring"
  }

  /// As JSON.
  fileprivate var json: JSONValue {
    func list(_ ids: [String]?) -> JSONValue { .array((ids ?? []).map { .string($0) }) }
    return .object([
      ("id", .string(id)), ("host_name", .optional(inventory?.hostName ?? "")),
      ("agent_version", .optional(inventory?.agentVersion ?? "")),
      ("is_connected", .bool(isConnected)), ("hardware_ids", list(inventory?.hardwareIds)),
      ("engine_ids", list(inventory?.engineIds)), ("model_ids", list(inventory?.modelIds)),
      ("quantization_ids", list(inventory?.quantizationIds)),
      ("is_simulated", .bool(inventory?.isSimulated ?? false)),
      ("batch_id", .optional(batchId)), ("last_seen_at", .optional(Format.time(lastSeenAt))),
    ])
  }
}
