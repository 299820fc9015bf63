/// Decodes base64 (RFC 4648 section 4) that comes in pieces, cut anywhere.
///
/// gRPC-Web's text is a row of encodings, each padded by itself: behind a padding begins the next.
struct Base64Stream {
  /// The six bits of each symbol; what is none has the highest bit.
  private static let values = (0...255).map { Base64.value($0).map(UInt8.init) ?? 0x80 }

  /// The bits of the group of four symbols that is under way.
  private var bits: UInt32 = 0
  /// Symbols of that group, which no bytes have come of yet.
  private(set) var symbols = 0
  private var padding = 0

  /// Whether the text may end here.
  var isWhole: Bool { symbols == 0 }

  /// The bytes of the groups that this piece completes; nil when it is not base64, after which
  /// nothing else can be decoded.
  mutating func decode(_ text: RawSpan) -> [UInt8]? {
    var isSound = true
    let bytes = text.withUnsafeBytes { text in
      [UInt8](unsafeUninitializedCapacity: (text.count + symbols) / 4 * 3) { bytes, count in
        var position = 0
        while isSound, position < text.count {
          if symbols == 0 { Self.decodeGroups(text, &position, into: bytes, &count) }
          guard position < text.count else { return }
          isSound = take(text[position])
          position += 1
          if symbols == 4 { endGroup(bytes, &count) }
        }
      }
    }
    return isSound ? bytes : nil
  }

  /// Decodes whole groups without padding, as far as there are any. Plain pointers, since bodies of
  /// megabytes come here and their loop waits, in debug builds too.
  private static func decodeGroups(
    _ text: UnsafeRawBufferPointer, _ position: inout Int,
    into bytes: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
  ) {
    values.withUnsafeBufferPointer { values in
      guard let start = text.baseAddress, let base = bytes.baseAddress,
        let all = values.baseAddress
      else { return }
      let from = start.assumingMemoryBound(to: UInt8.self)
      let last = text.count - 4
      var (at, to) = (position, base + count)
      while at <= last {
        let (one, two) = (all[Int(from[at])], all[Int(from[at + 1])])
        let (three, four) = (all[Int(from[at + 2])], all[Int(from[at + 3])])
        guard one | two | three | four < 0x80 else { break }
        to[0] = one << 2 | two >> 4
        to[1] = two << 4 | three >> 2
        to[2] = three << 6 | four
        to += 3
        at += 4
      }
      position = at
      count = to - base
    }
  }

  private mutating func take(_ symbol: UInt8) -> Bool {
    if symbol == 0x3D {
      guard symbols >= 2 else { return false }
      padding += 1
      bits <<= 6
    } else {
      guard padding == 0, let value = Base64.value(symbol) else { return false }
      bits = bits << 6 | value
    }
    symbols += 1
    return true
  }

  private mutating func endGroup(_ bytes: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int) {
    for place in 0..<(3 - padding) {
      bytes[count] = UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * place))
      count += 1
    }
    self = Base64Stream()
  }
}
