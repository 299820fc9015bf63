package import APIBindings
import APIMapping
import BenchmarkDomain
import Economics
package import GRPC
import Storage

extension CatalogEndpoint {
  package func registerPrice(
    _ request: RegisterPriceRequest.View, _ context: ServerContext
  ) throws -> Reply<RegisterPriceResponse> {
    let price = try BenchmarkDomain.PriceEntry(request.price?.value, at: "price")
    context.subject = "price of \(price.pricedID)"
    return later {
      try await check(price)
      let stored = try await catalog.register(price)
      context.subject = "price \(stored.id) of \(stored.pricedID)"
      dataChanged(nil)
      return RegisterPriceResponse(price: APIBindings.PriceEntry(stored))
    }
  }

  package func getPrice(
    _ request: GetPriceRequest.View, _ context: ServerContext
  ) throws -> Reply<GetPriceResponse> {
    let id = request.priceId.string
    return later {
      let price = try found(try await catalog.price(id), "price", id)
      return GetPriceResponse(price: APIBindings.PriceEntry(price))
    }
  }

  package func listPrices(
    _ request: ListPricesRequest.View, _ context: ServerContext
  ) throws -> Reply<ListPricesResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    let basis = try BenchmarkDomain.PriceBasis(filtering: request.basis, at: "basis")
    let hardwareID = request.hardwareId.nonEmpty
    let modelID = request.modelId.nonEmpty
    return later { [catalog] in
      let prices = try await catalog.prices(
        hardwareID: hardwareID, modelID: modelID, basis: basis, page: page)
      return ListPricesResponse(
        prices: prices.items.map { APIBindings.PriceEntry($0) }, nextPageToken: prices.nextToken)
    }
  }

  /// Refuses a price that the price book would leave out, and one of nothing that is known.
  private func check(_ price: BenchmarkDomain.PriceEntry) async throws {
    if let fault = price.fault {
      throw RPCError.invalidArgument(field: "price", reason: "is refused: \(fault.message)")
    }
    switch price.item {
    case .hardware(let id, _):
      _ = try found(try await catalog.hardware(id), "hardware profile", id)
    case .model(let id, _, _):
      let model = try found(try await catalog.model(id), "model", id)
      guard model.kind == .hosted else {
        throw RPCError.invalidArgument(
          field: "price.model_id",
          reason: "names a self-hosted model: price its hardware instead")
      }
    }
  }
}

extension BenchmarkDomain.PriceEntry {
  /// Id of the hardware profile or the hosted model.
  fileprivate var pricedID: String {
    switch item {
    case .hardware(let id, _): id
    case .model(let id, _, _): id
    }
  }
}
