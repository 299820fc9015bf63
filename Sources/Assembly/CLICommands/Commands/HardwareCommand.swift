import APIBindings
import ArgumentParser

/// `benchfront hardware`: list and register hardware profiles.
struct HardwareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hardware", abstract: "List and register hardware profiles.",
    subcommands: [List.self, Register.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List hardware profiles.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions

    func run() async throws {
      let profiles = try await server.connected { services in
        try await list.collect { size, token in
          let page = try await services.catalog.listHardware(
            ListHardwareRequest(pageSize: size, pageToken: token))
          return (page.hardware, page.nextPageToken)
        }
      }
      guard server.output == .table else {
        return printDocument(.array(profiles.map(\.json)))
      }
      var table = Table("HARDWARE", "ACCELERATOR", ">COUNT", ">MEMORY EACH", ">BANDWIDTH", ">TDP")
      for profile in profiles {
        table.add([
          profile.id, profile.accelerator, "\(profile.acceleratorCount)",
          Format.memory(profile.memoryBytes),
          Format.bandwidth(profile.memoryBandwidthBytesPerSecond),
          profile.powerWatts > 0 ? Format.fixed(profile.powerWatts, 0) + " W" : "",
        ])
      }
      printLines(table.lines)
    }
  }

  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a hardware profile.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The profile's id, e.g. h200-141gb-x8.") var id: String
    @Option(help: .init("The accelerator, e.g. H200-141GB.", valueName: "name"))
    var accelerator: String
    @Option(help: .init("Who makes it.", valueName: "name"))
    var vendor = ""
    @Option(
      parsing: .unconditional, help: .init("Accelerators in the profile.", valueName: "number"))
    var count: Int32 = 1
    @Option(
      name: .customLong("memory-gib"), parsing: .unconditional,
      help: .init(
        "Memory of one accelerator in GiB (2^30 bytes), e.g. 80 for an H100 of 80 GB.",
        valueName: "gib"))
    var memoryGiB: Double
    @Option(
      name: .customLong("bandwidth-gb"), parsing: .unconditional,
      help: .init(
        "Memory bandwidth of one in GB/s (10^9 bytes), e.g. 3350; 0 when unknown.",
        valueName: "gigabytes"))
    var bandwidthGB: Double = 0
    @Option(
      parsing: .unconditional,
      help: .init("Thermal design power of one in watts; 0 when unknown.", valueName: "watts"))
    var powerWatts: Double = 0

    func validate() throws {
      guard (0...1e9).contains(memoryGiB) else {
        throw usageError("--memory-gib lies between 0 and 1,000,000,000")
      }
      guard (0...1e9).contains(bandwidthGB) else {
        throw usageError("--bandwidth-gb lies between 0 and 1,000,000,000")
      }
      guard powerWatts.isFinite, powerWatts >= 0 else {
        throw usageError("--power-watts must be a finite number, 0 or more")
      }
    }

    func run() async throws {
      let profile = HardwareProfile(
        id: id, accelerator: accelerator, vendor: vendor, acceleratorCount: count,
        memoryBytes: Int64(memoryGiB * 1_073_741_824),
        memoryBandwidthBytesPerSecond: Int64(bandwidthGB * 1e9), powerWatts: powerWatts)
      let stored = try await server.connected { services in
        try await services.catalog.registerHardware(
          RegisterHardwareRequest(hardware: profile)
        ).hardware
      }
      if let stored { printObject(stored.json, as: server.output) }
    }
  }
}

extension HardwareProfile {
  /// As JSON.
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("accelerator", .string(accelerator)), ("vendor", .optional(vendor)),
      ("accelerator_count", .count(acceleratorCount)), ("memory_bytes", .integer(memoryBytes)),
      ("memory_bandwidth_bytes_per_second", .stated(memoryBandwidthBytesPerSecond)),
      ("power_watts", powerWatts > 0 ? .number(powerWatts) : .null),
    ])
  }
}
