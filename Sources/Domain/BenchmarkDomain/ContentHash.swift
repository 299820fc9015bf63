/// Makes an id of content, so that the same content has the same id. Not for adversaries.
package struct ContentHash: Sendable {
  /// 128 bits of what was added.
  package struct Digest: Sendable, Hashable {
    fileprivate let high: UInt64
    fileprivate let low: UInt64

    /// Its 16 bytes.
    package var bytes: [UInt8] {
      [high, low].flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }
  }

  private var bytes: [UInt8] = []

  /// Starts with nothing.
  package init() {}

  /// Adds a text behind its length, so that no two lists of texts look alike.
  package mutating func add(_ text: String) { add(Array(text.utf8)[...]) }

  /// Adds bytes behind their number.
  package mutating func add(_ bytes: ArraySlice<UInt8>) {
    add(UInt64(bytes.count))
    self.bytes.append(contentsOf: bytes)
  }

  /// Adds a number.
  package mutating func add(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Adds a figure, by its bits.
  package mutating func add(_ value: Double) { add(value.bitPattern) }

  /// The hash of what was added.
  package var digest: Digest {
    let (high, low) = bytes.withUnsafeBytes { MurmurHash3.hash($0) }
    return Digest(high: high, low: low)
  }

  /// A prefix and 32 hexadecimal digits.
  package func id(prefix: String) -> String {
    let digest = digest
    return prefix + ConfigurationID(high: digest.high, low: digest.low).description.dropFirst(3)
  }
}
