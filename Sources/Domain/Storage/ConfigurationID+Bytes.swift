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
  package init(stored bytes: ArraySlice<UInt8>) throws {
    guard bytes.count == 16 else { throw StorageError.damaged("configuration id") }
    let (high, low) = bytes.withUnsafeBytes { bytes in
      (
        UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    self.init(high: high, low: low)
  }

  /// As above.
  package init(stored bytes: [UInt8]) throws { try self.init(stored: bytes[...]) }
}
