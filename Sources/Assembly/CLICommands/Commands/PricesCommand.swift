import APIBindings
import ArgumentParser
import Glibc

/// `benchfront prices`: list and register prices.
struct PricesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prices", abstract: "List and register prices.",
    subcommands: [List.self, Register.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List prices.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions
    @Option(help: "Only prices of this hardware profile.") var hardware = ""
    @Option(help: "Only prices of this hosted model.") var model = ""

    func run() async throws {
      let prices = try await server.connected { services in
        let prices = try await list.collect { size, token in
          let page = try await services.catalog.listPrices(
            ListPricesRequest(
              pageSize: size, pageToken: token, hardwareId: hardware, modelId: model))
          return (page.prices, page.nextPageToken)
        }
        if prices.isEmpty { try await checkNames(services) }
        return prices
      }
      guard server.output == .table else {
        return printDocument(.array(prices.map(\.json)))
      }
      var table = Table("PRICED", "BASIS", ">PRICE", "OFFER", "REGION", "OBSERVED", "SOURCE")
      for price in prices.sorted(by: Self.stands) {
        table.add([
          price.hardwareId.isEmpty ? price.modelId : price.hardwareId, Names.text(price.basis),
          price.amountText, price.offer, price.region, Format.day(price.observedAt), price.source,
        ])
      }
      printLines(
        table.isEmpty
          ? ["No price is known of it; benchfront prices register adds one."]
          : table.lines)
    }

    /// By what is priced, then by how it is paid, the cheapest first.
    private static func stands(_ left: PriceEntry, before right: PriceEntry) -> Bool {
      func key(_ price: PriceEntry) -> (String, UInt32, Double, String) {
        (
          price.hardwareId + price.modelId, UInt32(truncatingIfNeeded: price.basis.rawValue),
          price.usdPerHour + price.usdPerMillionOutputTokens, price.offer
        )
      }
      return key(left) < key(right)
    }

    /// Refuses a name that the catalog does not have, with NOT_FOUND.
    private func checkNames(_ services: Services) async throws {
      if !hardware.isEmpty {
        _ = try await services.catalog.getHardware(GetHardwareRequest(hardwareId: hardware))
      }
      if !model.isEmpty {
        _ = try await services.catalog.getModel(GetModelRequest(modelId: model))
      }
    }
  }

  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a price observed now.",
      discussion: """
        Of an offer in a region the newest price counts, older ones stay listed; of all offers the \
        cheapest.
        """)
    @OptionGroup var server: ServerOptions
    @Option(help: "Hardware profile that it prices.") var hardware = ""
    @Option(help: "Hosted model that it prices.") var model = ""
    @Option(help: "on_demand or spot.") var basis = "on_demand"
    @Option(
      parsing: .unconditional,
      help: .init("US dollars per hour of the whole profile.", valueName: "dollars"),
      transform: Amount.init(parsing:))
    var usdPerHour: Amount?
    @Option(
      parsing: .unconditional,
      help: .init("US dollars per million input tokens of a hosted model.", valueName: "dollars"),
      transform: Amount.init(parsing:))
    var usdPerMillionInput: Amount?
    @Option(
      parsing: .unconditional,
      help: .init("US dollars per million output tokens of a hosted model.", valueName: "dollars"),
      transform: Amount.init(parsing:))
    var usdPerMillionOutput: Amount?
    @Option(help: .init("Who sells it, e.g. \"aws p5.4xlarge\".", valueName: "name"))
    var offer: String
    @Option(help: "Region.") var region = ""
    @Option(help: .init("Where the price was read.", valueName: "text"))
    var source: String

    func validate() throws {
      guard Names.value(basis, of: PriceBasis.self) != nil else {
        throw usageError("--basis is one of \(Names.all(PriceBasis.self)), not '\(basis)'")
      }
      guard hardware.isEmpty != model.isEmpty else {
        throw usageError("give --hardware or --model, and not both")
      }
      guard hardware.isEmpty || usdPerHour != nil else {
        throw usageError("say with --usd-per-hour what the hardware costs")
      }
      guard model.isEmpty || usdPerMillionOutput != nil else {
        throw usageError("say with --usd-per-million-output what the model's tokens cost")
      }
    }

    func run() async throws {
      let price = PriceEntry(
        hardwareId: hardware, modelId: model,
        basis: Names.value(basis, of: PriceBasis.self) ?? .onDemand,
        usdPerHour: usdPerHour?.value ?? 0,
        usdPerMillionInputTokens: usdPerMillionInput?.value ?? 0,
        usdPerMillionOutputTokens: usdPerMillionOutput?.value ?? 0, offer: offer, region: region,
        source: source, observedAt: Timestamp(seconds: Int64(time(nil))))
      let stored = try await server.connected { services in
        try await services.catalog.registerPrice(RegisterPriceRequest(price: price)).price
      }
      if let stored { printObject(stored.json, as: server.output) }
    }
  }
}

extension PriceEntry {
  /// "$6.88/h", or "$0.15 in, $0.60 out" per million tokens.
  var amountText: String {
    hardwareId.isEmpty
      ? "$\(Format.short(usdPerMillionInputTokens)) in, "
        + "$\(Format.short(usdPerMillionOutputTokens)) out"
      : "$\(Format.fixed(usdPerHour, usdPerHour < 1 ? 4 : 2))/h"
  }
}
