internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension HardwareProfile: CatalogEntry {
  static var table: String { "benchfront.hardware" }
  static var noun: String { "hardware profile" }
  static var columns: String {
    """
    id, accelerator, vendor, accelerator_count, memory_bytes, \
    memory_bandwidth_bytes_per_second, power_watts
    """
  }

  func parameters() throws -> [PostgresParameter] {
    try requireFinite([powerWatts], "A power")
    return [
      .text(id), .text(accelerator), .text(vendor), .int8(Int64(acceleratorCount)),
      .int8(memoryBytes), .int8(memoryBandwidthBytesPerSecond), .float8(powerWatts),
    ]
  }

  init(_ reader: inout ColumnReader) throws {
    self.init(
      id: try reader.text(), accelerator: try reader.text(), vendor: try reader.text(),
      acceleratorCount: try reader.integer(), memoryBytes: try reader.integer(),
      memoryBandwidthBytesPerSecond: try reader.integer(), powerWatts: try reader.real())
  }
}
