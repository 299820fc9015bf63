/// Texts that many rows have, such as the ids of models, so that these rows share the storage of
/// one. It holds a fixed number of them, the last that were read.
struct CommonTexts {
  /// What a string holds in itself, without storage of its own.
  private static let leastShared = 16
  private static let count = 1024

  private var texts = [String](repeating: "", count: count)

  /// The text of these bytes.
  mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.count < Self.leastShared { return String(decoding: bytes, as: UTF8.self) }
    let place = Self.place(bytes)
    let isKnown = texts[place].utf8.withContiguousStorageIfAvailable { known in
      Self.isSame(UnsafeRawBufferPointer(known), bytes)
    }
    if isKnown != true { texts[place] = String(decoding: bytes, as: UTF8.self) }
    return texts[place]
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  /// The place of texts with these first and last bytes; there are at least `leastShared`.
  private static func place(_ bytes: UnsafeRawBufferPointer) -> Int {
    let ends = word(bytes, 0) &* 31 ^ word(bytes, bytes.count - 8) ^ UInt64(bytes.count)
    return Int(truncatingIfNeeded: (ends &* 0x9e37_79b9_7f4a_7c15) >> 54)
  }

  private static func isSame(_ known: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer)
    -> Bool
  {
    guard known.count == bytes.count else { return false }
    // The last word may overlap the one before it.
    for offset in stride(from: 0, to: bytes.count - 8, by: 8)
    where word(known, offset) != word(bytes, offset) { return false }
    return word(known, bytes.count - 8) == word(bytes, bytes.count - 8)
  }
}
