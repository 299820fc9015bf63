/// Makes an id of content, so that the same content has the same id. Not for adversaries.
package struct ContentHash: Sendable {
  private var bytes: [UInt8] = []

  /// Starts with nothing.
  package init() {}

  /// Adds a text behind its length, so that no two lists of texts look alike.
  package mutating func add(_ text: String) {
    let utf8 = Array(text.utf8)
    add(UInt64(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  /// Adds a number.
  package mutating func add(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Adds a figure, by its bits.
  package mutating func add(_ value: Double) { add(value.bitPattern) }

  /// A prefix and 32 hexadecimal digits.
  package func id(prefix: String) -> String {
    let (high, low) = bytes.withUnsafeBytes { MurmurHash3.hash($0) }
    return prefix + ConfigurationID(high: high, low: low).description.dropFirst(3)
  }
}
