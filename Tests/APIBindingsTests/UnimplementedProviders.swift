import APIBindings
import GRPC

// Providers of which a test writes only the methods that it calls.

private func unimplemented() -> RPCError { RPCError(.unimplemented, "not in this test") }

protocol UnimplementedCatalog: CatalogProvider {}
protocol UnimplementedBenchmarkControl: BenchmarkControlProvider {}

extension UnimplementedCatalog {
  func registerModel(
    _: RegisterModelRequest.View, _: ServerContext
  ) throws -> Reply<RegisterModelResponse> { throw unimplemented() }

  func listModels(
    _: ListModelsRequest.View, _: ServerContext
  ) throws -> Reply<ListModelsResponse> { throw unimplemented() }

  func registerHardware(
    _: RegisterHardwareRequest.View, _: ServerContext
  ) throws -> Reply<RegisterHardwareResponse> { throw unimplemented() }

  func getHardware(
    _: GetHardwareRequest.View, _: ServerContext
  ) throws -> Reply<GetHardwareResponse> { throw unimplemented() }

  func listHardware(
    _: ListHardwareRequest.View, _: ServerContext
  ) throws -> Reply<ListHardwareResponse> { throw unimplemented() }

  func registerEngine(
    _: RegisterEngineRequest.View, _: ServerContext
  ) throws -> Reply<RegisterEngineResponse> { throw unimplemented() }

  func getEngine(
    _: GetEngineRequest.View, _: ServerContext
  ) throws -> Reply<GetEngineResponse> { throw unimplemented() }

  func listEngines(
    _: ListEnginesRequest.View, _: ServerContext
  ) throws -> Reply<ListEnginesResponse> { throw unimplemented() }

  func registerPrice(
    _: RegisterPriceRequest.View, _: ServerContext
  ) throws -> Reply<RegisterPriceResponse> { throw unimplemented() }

  func getPrice(
    _: GetPriceRequest.View, _: ServerContext
  ) throws -> Reply<GetPriceResponse> { throw unimplemented() }

  func listPrices(
    _: ListPricesRequest.View, _: ServerContext
  ) throws -> Reply<ListPricesResponse> { throw unimplemented() }

  func listConfigurations(
    _: ListConfigurationsRequest.View, _: ServerContext
  ) throws -> Reply<ListConfigurationsResponse> { throw unimplemented() }

  func getConfiguration(
    _: GetConfigurationRequest.View, _: ServerContext
  ) throws -> Reply<GetConfigurationResponse> { throw unimplemented() }

  func listResults(
    _: ListResultsRequest.View, _: ServerContext
  ) throws -> Reply<ListResultsResponse> { throw unimplemented() }

  func listRequestSamples(
    _: ListRequestSamplesRequest.View, _: ServerContext
  ) throws -> Reply<ListRequestSamplesResponse> { throw unimplemented() }

  func listAuditRecords(
    _: ListAuditRecordsRequest.View, _: ServerContext
  ) throws -> Reply<ListAuditRecordsResponse> { throw unimplemented() }
}

extension UnimplementedBenchmarkControl {
  func previewMatrix(
    _: PreviewMatrixRequest.View, _: ServerContext
  ) throws -> Reply<PreviewMatrixResponse> { throw unimplemented() }

  func createRun(
    _: CreateRunRequest.View, _: ServerContext
  ) throws -> Reply<CreateRunResponse> { throw unimplemented() }

  func getRun(
    _: GetRunRequest.View, _: ServerContext
  ) throws -> Reply<GetRunResponse> { throw unimplemented() }

  func listRuns(
    _: ListRunsRequest.View, _: ServerContext
  ) throws -> Reply<ListRunsResponse> { throw unimplemented() }

  func cancelRun(
    _: CancelRunRequest.View, _: ServerContext
  ) throws -> Reply<CancelRunResponse> { throw unimplemented() }

  func listAgents(
    _: ListAgentsRequest.View, _: ServerContext
  ) throws -> Reply<ListAgentsResponse> { throw unimplemented() }
}
