import BenchmarkDomain

/// Accelerators that results name and the seeded catalog does not hold, by their makers' data
/// sheets; 0 where they state none for one accelerator.
enum ImportedAccelerators {
  /// The accelerator with an id, seeded or not.
  static func named(_ id: String) -> Accelerator? {
    SeedCatalog.accelerators.first { $0.id == id } ?? others.first { $0.id == id }
  }

  private static let others: [Accelerator] = [
    Accelerator(
      id: "a100-40gb", name: "A100-40GB", memoryBytes: 40 * gibibyte,
      bandwidth: 1_555_000_000_000, watts: 400),
    Accelerator(
      id: "a10", name: "A10", memoryBytes: 24 * gibibyte, bandwidth: 600_000_000_000, watts: 150),
    Accelerator(
      id: "t4", name: "T4", memoryBytes: 16 * gibibyte, bandwidth: 300_000_000_000, watts: 70),
    Accelerator(
      id: "v100-16gb", name: "V100-16GB", memoryBytes: 16 * gibibyte,
      bandwidth: 900_000_000_000, watts: 0),
    Accelerator(
      id: "b200", name: "B200", memoryBytes: 180_000_000_000, bandwidth: 8_000_000_000_000,
      watts: 1_000),
    Accelerator(
      id: "b300", name: "B300", memoryBytes: 288_000_000_000, bandwidth: 8_000_000_000_000,
      watts: 0),
    Accelerator(
      id: "gb200", name: "GB200", memoryBytes: 186_000_000_000, bandwidth: 8_000_000_000_000,
      watts: 1_200),
    Accelerator(
      id: "gb300", name: "GB300", memoryBytes: 288_000_000_000, bandwidth: 8_000_000_000_000,
      watts: 0),
  ]

  private static let gibibyte: Int64 = 1_073_741_824
}
