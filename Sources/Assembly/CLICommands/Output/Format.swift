import APIBindings

/// Figures, times and sizes for people.
enum Format {
  /// A text on one line as a terminal may show it: what it would act on is spelled out.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isActive) else { return text }
    var plain = ""
    for scalar in text.unicodeScalars {
      if isActive(scalar) {
        plain += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }

  private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// A number with `digits` behind the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (abs(value) * scale).rounded()
    guard rounded < 9e15 else { return "\(value)" }
    let whole = Int64(rounded)
    let factor = Int64(scale)
    var text = String(whole / factor)
    if digits > 0 {
      let rest = String(whole % factor)
      text += "." + String(repeating: "0", count: digits - rest.count) + rest
    }
    return value < 0 && whole != 0 ? "-" + text : text
  }

  /// A number with about three significant digits.
  static func short(_ value: Double) -> String {
    switch abs(value) {
    case 0: "0"
    case ..<0.01: fixed(value, 5)
    case ..<1: fixed(value, 3)
    case ..<10: fixed(value, 2)
    case ..<100: fixed(value, 1)
    default: grouped(Int64(value.rounded()))
    }
  }

  /// A whole number with its thousands apart: 1,234,567.
  static func grouped(_ value: some BinaryInteger) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (position, digit) in digits.enumerated() {
      if position > 0 && (digits.count - position) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// "1 batch", "1,234 batches"; the plural is the singular with an "s" unless it is given.
  static func counted(
    _ count: some BinaryInteger, _ singular: String, _ plural: String? = nil
  ) -> String {
    grouped(count) + " " + (count == 1 ? singular : plural ?? singular + "s")
  }

  /// A figure in the unit that people use for it.
  static func figure(_ metric: Metric, _ value: Double) -> String {
    switch metric {
    case .ttft, .tpot, .itl, .e2e: duration(value)
    case .errorRate: fixed(value * 100, 1) + "%"
    case .costPerMillionOutputTokens: "$" + (value < 10 ? fixed(value, 3) : short(value))
    default: short(value)
    }
  }

  /// Seconds as "12.3 ms" or "4.56 s".
  static func duration(_ seconds: Double) -> String {
    seconds < 1 ? short(seconds * 1_000) + " ms" : short(seconds) + " s"
  }

  /// Memory as "80 GiB" (powers of 1,024), with one digit behind the point where it is not whole.
  static func memory(_ bytes: Int64) -> String {
    let gibibytes = Double(bytes) / 1_073_741_824
    guard gibibytes >= 1 else { return fixed(Double(bytes) / 1_048_576, 0) + " MiB" }
    let tenths = (gibibytes * 10).rounded()
    return fixed(gibibytes, tenths.truncatingRemainder(dividingBy: 10) == 0 ? 0 : 1) + " GiB"
  }

  /// Bandwidth as "3,350 GB/s" (powers of 1,000, as data sheets state it); empty for 0.
  static func bandwidth(_ bytesPerSecond: Int64) -> String {
    bytesPerSecond > 0 ? short(Double(bytesPerSecond) / 1e9) + " GB/s" : ""
  }

  /// A count of parameters as "8.0B".
  static func parameters(_ count: Int64) -> String {
    switch count {
    case 0: ""
    case ..<1_000_000_000: short(Double(count) / 1e6) + "M"
    default: short(Double(count) / 1e9) + "B"
    }
  }

  /// The day, "2026-11-23", in UTC; empty when there is none.
  static func day(_ time: Timestamp?) -> String {
    guard let time else { return "" }
    // Civil date from days since 1970; Howard Hinnant, "chrono-compatible low-level date
    // algorithms".
    let days = Int((Double(time.seconds) / 86_400).rounded(.down)) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(year)-\(two(month))-\(two(day))"
  }

  /// The time, "2026-11-23T19:04:05Z"; empty when there is none.
  static func time(_ time: Timestamp?) -> String {
    guard let time else { return "" }
    let second = Int(time.seconds - Int64((Double(time.seconds) / 86_400).rounded(.down)) * 86_400)
    return day(time) + "T" + two(second / 3_600) + ":" + two(second / 60 % 60) + ":"
      + two(second % 60) + "Z"
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
