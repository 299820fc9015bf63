/// Ids that the store gives.
package enum Identifier {
  /// A UUID version 7 in lower-case text: the time in milliseconds, then `random`; ids of later
  /// milliseconds order behind earlier ones. A time before 1970 counts as 1970.
  ///
  /// Source: RFC 9562, section 5.7.
  package static func uuidVersion7(at time: WallTime, random: (UInt64, UInt64)) -> String {
    let milliseconds = UInt64(max(0, time.nanoseconds / 1_000_000)) & 0xffff_ffff_ffff
    let high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
    let low = random.1 & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for position in 0..<32 {
      if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
      let half = position < 16 ? high : low
      text.append(digits[Int(half >> UInt64(60 - position % 16 * 4) & 0xf)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
