/// The `grpc-timeout` header: at most eight digits and a unit.
enum Timeout {
  /// Reads a timeout; nil when it is malformed.
  static func parse(_ bytes: [UInt8]) -> Duration? {
    guard let unit = bytes.last, (2...9).contains(bytes.count) else { return nil }
    var value: Int64 = 0
    for digit in bytes.dropLast() {
      guard (0x30...0x39).contains(digit) else { return nil }
      value = value * 10 + Int64(digit - 0x30)
    }
    switch unit {
    case UInt8(ascii: "H"): return .seconds(value * 3600)
    case UInt8(ascii: "M"): return .seconds(value * 60)
    case UInt8(ascii: "S"): return .seconds(value)
    case UInt8(ascii: "m"): return .milliseconds(value)
    case UInt8(ascii: "u"): return .microseconds(value)
    case UInt8(ascii: "n"): return .nanoseconds(value)
    default: return nil
    }
  }

  /// Writes a timeout in the finest unit that fits, rounded up; at least one nanosecond.
  static func format(_ nanoseconds: Int64) -> String {
    let units: [(Int64, String)] = [
      (1, "n"), (1_000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
    ]
    let value = max(1, nanoseconds)
    for (size, unit) in units {
      let count = value / size + (value % size == 0 ? 0 : 1)
      if count <= 99_999_999 { return "\(count)\(unit)" }
    }
    return "99999999H"
  }
}
