package import APIBindings
import APIMapping
import BenchmarkDomain
import Economics
package import GRPC
import Storage

extension CatalogEndpoint: CatalogProvider {
  package func registerModel(
    _ request: RegisterModelRequest.View, _ context: ServerContext
  ) throws -> Reply<RegisterModelResponse> {
    let model = try BenchmarkDomain.Model(request.model?.value, at: "model")
    try checkID(model.id, "model.id")
    context.subject = "model \(model.id)"
    return later {
      let stored = try await catalog.register(model)
      dataChanged([stored.id])
      return RegisterModelResponse(model: APIBindings.Model(stored))
    }
  }

  package func getModel(
    _ request: GetModelRequest.View, _ context: ServerContext
  ) throws -> Reply<GetModelResponse> {
    let id = request.modelId.string
    return later {
      let model = try found(try await catalog.model(id), "model", id)
      return GetModelResponse(model: APIBindings.Model(model))
    }
  }

  package func listModels(
    _ request: ListModelsRequest.View, _ context: ServerContext
  ) throws -> Reply<ListModelsResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    let kind = try BenchmarkDomain.ModelKind(filtering: request.kind, at: "kind")
    return later { [catalog] in
      let models = try await catalog.models(kind: kind, page: page)
      return ListModelsResponse(
        models: models.items.map { APIBindings.Model($0) }, nextPageToken: models.nextToken)
    }
  }

  package func registerHardware(
    _ request: RegisterHardwareRequest.View, _ context: ServerContext
  ) throws -> Reply<RegisterHardwareResponse> {
    let hardware = try BenchmarkDomain.HardwareProfile(request.hardware?.value, at: "hardware")
    try checkID(hardware.id, "hardware.id")
    context.subject = "hardware \(hardware.id)"
    return later {
      let stored = try await catalog.register(hardware)
      dataChanged(nil)
      return RegisterHardwareResponse(hardware: APIBindings.HardwareProfile(stored))
    }
  }

  package func getHardware(
    _ request: GetHardwareRequest.View, _ context: ServerContext
  ) throws -> Reply<GetHardwareResponse> {
    let id = request.hardwareId.string
    return later {
      let hardware = try found(try await catalog.hardware(id), "hardware profile", id)
      return GetHardwareResponse(hardware: APIBindings.HardwareProfile(hardware))
    }
  }

  package func listHardware(
    _ request: ListHardwareRequest.View, _ context: ServerContext
  ) throws -> Reply<ListHardwareResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    return later { [catalog] in
      let hardware = try await catalog.hardware(page: page)
      return ListHardwareResponse(
        hardware: hardware.items.map { APIBindings.HardwareProfile($0) },
        nextPageToken: hardware.nextToken)
    }
  }

  package func registerEngine(
    _ request: RegisterEngineRequest.View, _ context: ServerContext
  ) throws -> Reply<RegisterEngineResponse> {
    let engine = try BenchmarkDomain.Engine(request.engine?.value, at: "engine")
    try checkID(engine.id, "engine.id")
    context.subject = "engine \(engine.id)"
    try check(engine.quantizationIDs)
    return later { [catalog] in
      RegisterEngineResponse(engine: APIBindings.Engine(try await catalog.register(engine)))
    }
  }

  package func getEngine(
    _ request: GetEngineRequest.View, _ context: ServerContext
  ) throws -> Reply<GetEngineResponse> {
    let id = request.engineId.string
    return later {
      let engine = try found(try await catalog.engine(id), "engine", id)
      return GetEngineResponse(engine: APIBindings.Engine(engine))
    }
  }

  package func listEngines(
    _ request: ListEnginesRequest.View, _ context: ServerContext
  ) throws -> Reply<ListEnginesResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    return later { [catalog] in
      let engines = try await catalog.engines(page: page)
      return ListEnginesResponse(
        engines: engines.items.map { APIBindings.Engine($0) }, nextPageToken: engines.nextToken)
    }
  }
}

extension CatalogEndpoint {
  /// Refuses quantizations that no matrix could name, and one that stands twice.
  private func check(_ quantizationIDs: [String]) throws(RPCError) {
    var seen: Set<String> = []
    for (index, id) in quantizationIDs.enumerated() {
      let field = "engine.quantization_ids[\(index)]"
      guard Quantization.known(id) != nil else {
        let known = Quantization.known.map(\.id).joined(separator: ", ")
        throw .invalidArgument(
          field: field, reason: "is unknown: \"\(id)\"; known are \(known)")
      }
      guard seen.insert(id).inserted else {
        throw .invalidArgument(field: field, reason: "stands twice: \"\(id)\"")
      }
    }
  }
}

/// Ids stand in command lines and lists, where a space ends them.
private func checkID(_ id: String, _ field: String) throws {
  guard !id.contains(where: \.isWhitespace) else {
    throw RPCError.invalidArgument(field: field, reason: "must not contain spaces")
  }
}
