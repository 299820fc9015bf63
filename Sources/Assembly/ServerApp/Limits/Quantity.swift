import HTTP2

/// Sizes, times and rates as an operator writes them: a whole number with its unit.
enum Quantity {
  private static let sizes: [(unit: String, factor: Int)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]
  /// In milliseconds; the short ones last, since `min` and `ms` begin alike.
  private static let times: [(unit: String, factor: Int)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("ms", 1), ("s", 1_000),
  ]

  /// Bytes of a size such as `16KiB`; nil for anything else.
  static func bytes(_ text: Substring) -> Int? { scaled(text, sizes) }

  /// A size in the largest unit that says it exactly.
  static func text(bytes: Int) -> String { scaled(bytes, sizes) }

  /// A time such as `10s` or `5min`; nil for anything else.
  static func duration(_ text: Substring) -> Duration? {
    scaled(text, times).map { .milliseconds(Int64($0)) }
  }

  /// A time in the largest unit that says it exactly; parts of a millisecond are left out.
  static func text(duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    let units = times.sorted { $0.factor > $1.factor }
    return milliseconds == 0 ? "0s" : scaled(milliseconds, units)
  }

  /// A rate such as `20000+2000/s`: so many at once, and so many a second; nil for anything else.
  static func rate(_ text: Substring) -> EventRate? {
    guard text.hasSuffix("/s") else { return nil }
    let parts = text.dropLast(2).split(separator: "+", omittingEmptySubsequences: false)
    guard parts.count == 2, let burst = number(parts[0]), let second = number(parts[1]) else {
      return nil
    }
    return EventRate(burst: burst, perSecond: second)
  }

  /// A rate likewise.
  static func text(rate: EventRate) -> String { "\(rate.burst)+\(rate.perSecond)/s" }

  /// A whole number in digits alone; nil for anything else.
  static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }

  private static func scaled(_ text: Substring, _ units: [(unit: String, factor: Int)]) -> Int? {
    for (unit, factor) in units where text.hasSuffix(unit) {
      // What is too large for a number is no quantity.
      return number(text.dropLast(unit.count)).flatMap { number in
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
      }
    }
    return nil
  }

  private static func scaled(_ value: Int, _ units: [(unit: String, factor: Int)]) -> String {
    let (unit, factor) = units.first { value != 0 && value.isMultiple(of: $0.factor) } ?? units[3]
    return "\(value / factor)\(unit)"
  }
}
