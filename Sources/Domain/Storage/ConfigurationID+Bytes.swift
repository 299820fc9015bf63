package import BenchmarkDomain

extension ConfigurationID {
  /// Sixteen bytes that order as the texts order.
  package var storedBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    for half in [high, low] {
      withUnsafeBytes(of: half.bigEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// Reads sixteen bytes.
  package init(stored bytes: [UInt8]) throws {
    guard bytes.count == 16 else { throw StorageError.damaged("configuration id") }
    let halves = [bytes[0..<8], bytes[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    self.init(high: halves[0], low: halves[1])
  }
}
