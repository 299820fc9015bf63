import APIBindings
import ArgumentParser

/// `benchfront models`: list, show and register models.
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List, show and register models.",
    subcommands: [List.self, Show.self, Register.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List models.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions

    func run() async throws {
      let models = try await server.connected { services in
        try await list.collect { size, token in
          let page = try await services.catalog.listModels(
            ListModelsRequest(pageSize: size, pageToken: token))
          return (page.models, page.nextPageToken)
        }
      }
      print(models)
    }

    private func print(_ models: [Model]) {
      guard server.output == .table else {
        return printDocument(.array(models.map(\.json)))
      }
      var table = Table("MODEL", "KIND", ">PARAMETERS", ">CONTEXT", "LICENSE")
      for model in models {
        table.add([
          model.id, Names.text(model.kind), Format.parameters(model.parameterCount),
          model.contextLength > 0 ? Format.grouped(model.contextLength) : "", model.license,
        ])
      }
      printLines(table.lines)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one model.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The model's id.") var id: String

    func run() async throws {
      let model = try await server.connected { services in
        try await services.catalog.getModel(GetModelRequest(modelId: id)).model
      }
      if let model { printObject(model.json, as: server.output) }
    }
  }

  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a model.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The model's id, the hub's where there is one.") var id: String
    @Option(help: .init("Name for people.", valueName: "name"))
    var displayName = ""
    @Option(help: .init("Who serves it; makes it a hosted model.", valueName: "name"))
    var provider = ""
    @Option(
      parsing: .unconditional,
      help: .init("Parameters, e.g. 8030261248 or 8.03B.", valueName: "count"),
      transform: ParameterCount.init(parsing:))
    var parameters: ParameterCount?
    @Option(parsing: .unconditional, help: .init("Transformer layers.", valueName: "number"))
    var layers: Int32 = 0
    @Option(
      parsing: .unconditional, help: .init("Key-value heads of a layer.", valueName: "number"))
    var keyValueHeads: Int32 = 0
    @Option(parsing: .unconditional, help: .init("Elements of one head.", valueName: "number"))
    var headDimension: Int32 = 0
    @Option(parsing: .unconditional, help: .init("Longest context in tokens.", valueName: "tokens"))
    var contextLength: Int32 = 0
    @Option(help: .init("License, as an SPDX id.", valueName: "spdx-id"))
    var license = ""
    @Option(help: .init("Resolved commit of the weights.", valueName: "commit"))
    var revision = ""

    func run() async throws {
      let model = Model(
        id: id, displayName: displayName, kind: provider.isEmpty ? .selfHosted : .hosted,
        provider: provider, parameterCount: parameters?.value ?? 0, layerCount: layers,
        keyValueHeadCount: keyValueHeads, headDimension: headDimension,
        contextLength: contextLength, license: license, revision: revision)
      let stored = try await server.connected { services in
        try await services.catalog.registerModel(RegisterModelRequest(model: model)).model
      }
      if let stored { printObject(stored.json, as: server.output) }
    }
  }
}

extension Model {
  /// As JSON.
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("display_name", .string(displayName)),
      ("kind", .string(Names.text(kind))), ("provider", .optional(provider)),
      ("parameter_count", .stated(parameterCount)), ("layer_count", .stated(layerCount)),
      ("key_value_head_count", .stated(keyValueHeadCount)),
      ("head_dimension", .stated(headDimension)), ("context_length", .stated(contextLength)),
      ("license", .optional(license)), ("revision", .optional(revision)),
      ("created_at", .optional(Format.time(createdAt))),
    ])
  }
}

/// Prints one object: its members in two columns for people.
func printObject(_ value: JSONValue, as format: OutputFormat) {
  guard format == .table, case .object(let members) = value else { return print(value.text()) }
  let width = members.map(\.0.count).max() ?? 0
  for (name, value) in members {
    let text: String
    switch value {
    case .null: continue
    case .string(let string): text = Format.plain(string)
    default: text = value.text()
    }
    print(name + String(repeating: " ", count: width - name.count + 2) + text)
  }
}
