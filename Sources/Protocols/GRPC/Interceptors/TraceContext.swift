/// Which trace a call belongs to, as W3C's `traceparent` says it.
///
/// https://www.w3.org/TR/trace-context/
package struct TraceContext: Sendable, Hashable {
  /// The whole trace: 16 bytes, not all zero.
  package let traceID: TraceBytes
  /// This step of it: 8 bytes, not all zero.
  package let spanID: UInt64
  /// Whether whoever began the trace records it.
  package let isSampled: Bool

  /// The 16 bytes of a trace's name.
  package struct TraceBytes: Sendable, Hashable {
    let high: UInt64
    let low: UInt64
  }

  /// Reads a header's value; nil when it breaks the rules.
  package init?(header: String) {
    let text = Array(header.utf8)
    // version "-" trace "-" span "-" flags; versions after 00 may append more.
    guard text.count >= 55, text[2] == 0x2D, text[35] == 0x2D, text[52] == 0x2D,
      let version = Self.hex(text[0..<2]), version != 0xFF,
      version == 0 ? text.count == 55 : text.count == 55 || text[55] == 0x2D,
      let high = Self.hex(text[3..<19]), let low = Self.hex(text[19..<35]), high | low != 0,
      let span = Self.hex(text[36..<52]), span != 0, let flags = Self.hex(text[53..<55])
    else { return nil }
    self.init(traceID: TraceBytes(high: high, low: low), spanID: span, isSampled: flags & 1 == 1)
  }

  private init(traceID: TraceBytes, spanID: UInt64, isSampled: Bool) {
    (self.traceID, self.spanID, self.isSampled) = (traceID, spanID, isSampled)
  }

  /// The first step of a new trace.
  package static func root() -> TraceContext {
    TraceContext(
      traceID: TraceBytes(high: .random(in: 1 ... .max), low: .random(in: 0 ... .max)),
      spanID: .random(in: 1 ... .max), isSampled: true)
  }

  /// A further step of the same trace.
  package func child() -> TraceContext {
    TraceContext(traceID: traceID, spanID: .random(in: 1 ... .max), isSampled: isSampled)
  }

  /// The header's value.
  package var header: String {
    "00-\(traceName)-\(Self.text(spanID))-\(isSampled ? "01" : "00")"
  }

  /// The trace's name in 32 hexadecimal digits.
  package var traceName: String { Self.text(traceID.high) + Self.text(traceID.low) }

  private static func text(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Lower-case digits only, as the standard demands.
  private static func hex(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for byte in digits {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(byte - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }
}
