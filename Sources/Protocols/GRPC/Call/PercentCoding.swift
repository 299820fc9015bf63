/// The encoding of `grpc-message`: bytes outside printable ASCII, and `%`, become `%XX`; so does a
/// space at either end, where HTTP/2 allows none (RFC 9113 section 8.2.1).
enum PercentCoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// The encoding of as many whole characters as fit into `limit` bytes.
  static func encode(_ text: String, limit: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(text.utf8.count, limit))
    for scalar in text.unicodeScalars {
      let before = bytes.count
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
        if byte >= (bytes.isEmpty ? 0x21 : 0x20), byte <= 0x7E, byte != 0x25 {
          bytes.append(byte)
        } else {
          escape(byte, into: &bytes)
        }
      }
      if bytes.count > limit {
        bytes.removeSubrange(before...)
        break
      }
    }
    if bytes.last == 0x20 {
      bytes.removeLast()
      if bytes.count + 3 <= limit { escape(0x20, into: &bytes) }
    }
    // A text cut behind a space may have more of them.
    while bytes.last == 0x20 { bytes.removeLast() }
    return bytes
  }

  private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
    bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  /// Decodes leniently: what is not an escape stays as it is.
  static func decode(_ bytes: [UInt8]) -> String {
    guard bytes.contains(0x25) else { return String(decoding: bytes, as: UTF8.self) }
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, index + 2 < bytes.count, let high = value(bytes[index + 1]),
        let low = value(bytes[index + 2])
      {
        plain.append(high << 4 | low)
        index += 3
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
