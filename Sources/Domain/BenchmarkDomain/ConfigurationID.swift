/// A versioned 128-bit hash of a configuration's canonical dimension values.
///
/// Version 1 is MurmurHash3 x64 128 (seed 0) of the values, each as its UTF-8 bytes behind a
/// little-endian 32-bit length, numbers as decimal text. A dimension at its default is left out
/// and named when it is not, so that new dimensions keep old ids. The store refuses an equal id
/// with different content.
package struct ConfigurationID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The hash's first 64 bits.
  package let high: UInt64
  /// The hash's last 64 bits.
  package let low: UInt64

  /// Makes an id from its two halves.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads "c1-" and 32 lower-case hexadecimal digits; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 35, bytes.starts(with: "c1-".utf8) else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for (index, byte) in bytes.dropFirst(3).enumerated() {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      default: return nil
      }
      if index < 16 {
        halves.0 = halves.0 << 4 | UInt64(digit)
      } else {
        halves.1 = halves.1 << 4 | UInt64(digit)
      }
    }
    self.init(high: halves.0, low: halves.1)
  }

  /// "c1-" and 32 lower-case hexadecimal digits.
  package var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("c1-".utf8)
    for half in [high, low] {
      for shift in stride(from: 60, through: 0, by: -4) {
        text.append(digits[Int(half >> UInt64(shift) & 0xf)])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Orders as the texts order.
  package static func < (left: ConfigurationID, right: ConfigurationID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
