import COpenSSL

/// A SHA-256.
package struct Digest: Sendable, Hashable {
  /// 32 bytes.
  package let bytes: [UInt8]

  /// The digest of a text's UTF-8.
  package init(of text: String) {
    var result = [UInt8](repeating: 0, count: 32)
    var text = text
    text.withUTF8 { _ = SHA256($0.baseAddress, $0.count, &result) }
    bytes = result
  }

  /// Takes 32 bytes; nil for another number of them.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  package init?(hexadecimal text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var result: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else {
        return nil
      }
      result.append(high << 4 | low)
    }
    bytes = result
  }

  /// 64 hexadecimal digits.
  package var hexadecimal: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
