package import APIBindings
import APIMapping
import BenchmarkDomain
package import GRPC
import Storage

extension CatalogEndpoint {
  package func listConfigurations(
    _ request: ListConfigurationsRequest.View, _ context: ServerContext
  ) throws -> Reply<ListConfigurationsResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    let filter = try BenchmarkDomain.ConfigurationFilter(request.filter?.value, at: "filter")
    let order = try OrderKeys.configurations.order(request.orderBy.string)
    return later { [catalog] in
      let found = try await catalog.configurations(filter: filter, order: order, page: page)
      return ListConfigurationsResponse(
        configurations: found.items.map { APIBindings.Configuration($0) },
        nextPageToken: found.nextToken)
    }
  }

  package func getConfiguration(
    _ request: GetConfigurationRequest.View, _ context: ServerContext
  ) throws -> Reply<GetConfigurationResponse> {
    let text = request.configurationId.string
    guard let id = ConfigurationID(text) else {
      throw RPCError.invalidArgument(
        field: "configuration_id",
        reason: "must be \"c1-\" and 32 lower-case hexadecimal digits")
    }
    return later {
      let (configuration, results) = try found(
        try await catalog.configuration(id), "configuration", text)
      return GetConfigurationResponse(
        configuration: APIBindings.Configuration(configuration),
        results: results.map { APIBindings.Result($0) })
    }
  }

  package func listResults(
    _ request: ListResultsRequest.View, _ context: ServerContext
  ) throws -> Reply<ListResultsResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    var query = ResultQuery()
    query.filter = try BenchmarkDomain.ConfigurationFilter(request.filter?.value, at: "filter")
    query.runID = request.runId.nonEmpty
    query.provenance = try BenchmarkDomain.ProvenanceKind(
      filtering: request.provenance, at: "provenance")
    query.order = try OrderKeys.results.order(request.orderBy.string)
    return later { [catalog, query] in
      let found = try await catalog.results(query, page: page)
      return ListResultsResponse(
        results: found.items.map { APIBindings.ConfigurationResult($0) },
        nextPageToken: found.nextToken)
    }
  }

  package func listRequestSamples(
    _ request: ListRequestSamplesRequest.View, _ context: ServerContext
  ) throws -> Reply<ListRequestSamplesResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    let id = request.executionId.string
    return later {
      let execution = try found(try await runs.execution(id), "execution", id)
      let samples = try await runs.samples(executionID: id, page: page)
      guard !samples.items.isEmpty || !page.token.isEmpty || execution.committed.committedCount == 0
      else {
        throw RPCError(
          .failedPrecondition,
          "the requests of execution '\(id)' are no longer kept; its result is")
      }
      return ListRequestSamplesResponse(
        samples: samples.items.map { APIBindings.RequestSample($0) },
        nextPageToken: samples.nextToken)
    }
  }
}
