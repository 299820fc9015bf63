import APIBindings
import ArgumentParser

/// `benchfront engines`: list and register engines.
struct EnginesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines", abstract: "List and register engines.",
    subcommands: [List.self, Register.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List engines.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions

    func run() async throws {
      let engines = try await server.connected { services in
        try await list.collect { size, token in
          let page = try await services.catalog.listEngines(
            ListEnginesRequest(pageSize: size, pageToken: token))
          return (page.engines, page.nextPageToken)
        }
      }
      guard server.output == .table else {
        return printDocument(.array(engines.map(\.json)))
      }
      var table = Table("ENGINE", "NAME", "QUANTIZATIONS", "HOMEPAGE")
      for engine in engines {
        table.add([
          engine.id, engine.displayName, engine.quantizationIds.joined(separator: " "),
          engine.homepage,
        ])
      }
      printLines(table.lines)
    }
  }

  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add an engine.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The engine's id.") var id: String
    @Option(help: .init("Name for people.", valueName: "name"))
    var displayName = ""
    @Option(help: "A quantization that it serves; repeat for several.")
    var quantization: [String] = []
    @Option(help: .init("Where its code lives.", valueName: "url"))
    var homepage = ""

    func run() async throws {
      let engine = Engine(
        id: id, displayName: displayName, quantizationIds: quantization, homepage: homepage)
      let stored = try await server.connected { services in
        try await services.catalog.registerEngine(RegisterEngineRequest(engine: engine)).engine
      }
      if let stored { printObject(stored.json, as: server.output) }
    }
  }
}

extension Engine {
  /// As JSON.
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("display_name", .string(displayName)),
      ("quantization_ids", .array(quantizationIds.map { .string($0) })),
      ("homepage", .optional(homepage)),
    ])
  }
}
