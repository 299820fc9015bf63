/// Base64 (RFC 4648 section 4); gRPC writes `-bin` metadata without padding.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8], isPadded: Bool = false) -> [UInt8] {
    let count = isPadded ? (bytes.count + 2) / 3 * 4 : (bytes.count * 4 + 2) / 3
    return [UInt8](unsafeUninitializedCapacity: count) { text, filled in
      filled = count
      let groups = bytes.count / 3
      bytes.withUnsafeBufferPointer { encode($0, groups: groups, into: text) }
      encodeRest(bytes[(groups * 3)...], at: groups * 4, into: text)
    }
  }

  /// Encodes so many groups of three bytes. Plain pointers, since bodies of megabytes come here and
  /// their loop waits, in debug builds too.
  private static func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, groups: Int, into text: UnsafeMutableBufferPointer<UInt8>
  ) {
    alphabet.withUnsafeBufferPointer { alphabet in
      guard var from = bytes.baseAddress, var to = text.baseAddress, let all = alphabet.baseAddress
      else { return }
      var left = groups
      while left > 0 {
        let bits = Int(from[0]) << 16 | Int(from[1]) << 8 | Int(from[2])
        to[0] = all[bits >> 18]
        to[1] = all[bits >> 12 & 63]
        to[2] = all[bits >> 6 & 63]
        to[3] = all[bits & 63]
        from += 3
        to += 4
        left -= 1
      }
    }
  }

  /// Encodes the last one or two bytes, and pads as far as there is room.
  private static func encodeRest(
    _ rest: ArraySlice<UInt8>, at start: Int, into text: UnsafeMutableBufferPointer<UInt8>
  ) {
    let bits = rest.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - rest.count))
    for place in start..<text.count {
      let symbol = place - start
      text[place] = symbol <= rest.count ? alphabet[bits >> (18 - 6 * symbol) & 63] : 0x3D
    }
  }

  /// Decodes with or without padding; nil when the text is not base64.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var bits: UInt32 = 0
    var count: UInt32 = 0
    var symbols = 0
    var padding = 0
    for symbol in text {
      if symbol == 0x3D {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(symbol) else { return nil }
      symbols += 1
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    let isWhole = symbols % 4 != 1 && (padding == 0 || (symbols + padding) % 4 == 0)
    return isWhole && padding <= 2 ? bytes : nil
  }

  /// The six bits of a symbol; nil for what is none.
  static func value(_ symbol: UInt8) -> UInt32? {
    switch symbol {
    case 0x41...0x5A: UInt32(symbol) - 0x41
    case 0x61...0x7A: UInt32(symbol) - 0x61 + 26
    case 0x30...0x39: UInt32(symbol) - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
