internal import BenchmarkDomain
internal import GRDB
internal import Storage

extension HardwareProfile: CatalogEntry {
  static var table: String { "hardware" }
  static var noun: String { "hardware profile" }
  static var columns: String {
    """
    id, accelerator, vendor, accelerator_count, memory_bytes, \
    memory_bandwidth_bytes_per_second, power_watts
    """
  }

  func arguments() throws -> Arguments {
    try requireFinite([powerWatts], "A power")
    return [
      id, accelerator, vendor, acceleratorCount, memoryBytes, memoryBandwidthBytesPerSecond,
      powerWatts,
    ]
  }

  init(_ reader: inout ColumnReader) throws {
    self.init(
      id: try reader.text(), accelerator: try reader.text(), vendor: try reader.text(),
      acceleratorCount: try reader.integer(), memoryBytes: try reader.integer(),
      memoryBandwidthBytesPerSecond: try reader.integer(), powerWatts: try reader.real())
  }
}
