import APIBindings
import ArgumentParser

/// Most items that a listing prints, and the collecting of pages.
struct ListOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: .init(
      "Most rows to print; 0 for all. Without it all, but 100 results or records of a table.",
      valueName: "rows"))
  var limit: Int?

  func validate() throws {
    guard limit ?? 0 >= 0 else { throw usageError("--limit must not be negative") }
  }

  /// Collects pages until there are enough rows: as many as were asked for, else `usual`, where 0
  /// stands for all.
  func collect<Item>(
    usual: Int = 0, _ page: (_ size: Int32, _ token: String) async throws -> ([Item], next: String)
  ) async throws -> [Item] {
    let limit = limit ?? usual
    var items: [Item] = []
    var token = ""
    repeat {
      let missing = limit == 0 ? 1_000 : min(1_000, limit - items.count)
      let (found, next) = try await page(Int32(missing), token)
      items += found
      token = next
    } while !token.isEmpty && (limit == 0 || items.count < limit)
    return items
  }
}

/// Which configurations a command speaks of.
struct FilterOptions: ParsableArguments {
  @Option(help: "Only this model; repeat for several.")
  var model: [String] = []
  @Option(help: "Only this hardware profile; repeat for several.")
  var hardware: [String] = []
  @Option(
    help: .init("Only this accelerator, e.g. H100-80GB; repeat for several.", valueName: "name"))
  var accelerator: [String] = []
  @Option(help: "Only this engine; repeat for several.")
  var engine: [String] = []
  @Option(help: "Only this quantization; repeat for several.")
  var quantization: [String] = []
  @Option(
    parsing: .unconditional,
    help: .init("Prompt length in tokens: N, FROM-TO or FROM-.", valueName: "range"),
    transform: CountRange.init(parsing:))
  var inputTokens: CountRange?
  @Option(
    parsing: .unconditional,
    help: .init("Answer length in tokens: N, FROM-TO or FROM-.", valueName: "range"),
    transform: CountRange.init(parsing:))
  var outputTokens: CountRange?
  @Option(
    parsing: .unconditional,
    help: .init("Requests in flight: N, FROM-TO or FROM-.", valueName: "range"),
    transform: CountRange.init(parsing:))
  var concurrency: CountRange?

  /// The filter as the server takes it.
  var message: ConfigurationFilter {
    ConfigurationFilter(
      modelIds: model, hardwareIds: hardware, accelerators: accelerator, engineIds: engine,
      quantizationIds: quantization, minInputTokens: inputTokens?.low ?? 0,
      maxInputTokens: inputTokens?.high ?? 0, minOutputTokens: outputTokens?.low ?? 0,
      maxOutputTokens: outputTokens?.high ?? 0, minConcurrency: concurrency?.low ?? 0,
      maxConcurrency: concurrency?.high ?? 0)
  }
}

extension FilterOptions {
  /// Refuses a name that the catalog does not have, with NOT_FOUND; asked where nothing was found,
  /// so that an empty answer never hides a typing error.
  func checkNames(_ services: Services) async throws {
    for id in model { _ = try await services.catalog.getModel(GetModelRequest(modelId: id)) }
    for id in hardware {
      _ = try await services.catalog.getHardware(GetHardwareRequest(hardwareId: id))
    }
    for id in engine { _ = try await services.catalog.getEngine(GetEngineRequest(engineId: id)) }
    // A ranking's question refuses what nobody knows, these two among it.
    guard !accelerator.isEmpty || !quantization.isEmpty else { return }
    _ = try await services.ranker.recommendConfigurations(
      RecommendConfigurationsRequest(
        filter: ConfigurationFilter(accelerators: accelerator, quantizationIds: quantization),
        topK: 1))
  }
}

/// "8", "8-64" or "8-": a count of 1 or more, or a range of counts.
struct CountRange: Equatable {
  let low: Int32
  let high: Int32

  /// Reads a count or a range; 0 as an end means none.
  init(parsing text: String) throws {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let fault = ArgumentFault("give a count or a range of counts: 8, 8-64 or 8-")
    guard (1...2).contains(parts.count), let low = Int32(parts[0]) else { throw fault }
    guard low > 0 || parts.count == 2 else { throw ArgumentFault("a count is 1 or more") }
    let end: Int32? = parts.count == 1 ? low : parts[1].isEmpty ? 0 : Int32(parts[1])
    guard let high = end, high == 0 || high >= low else { throw fault }
    self.low = low
    self.high = high
  }
}
