import BenchmarkDomain

extension WallTime {
  /// Reads "2026-04-17", "2026-04-03T17:02:12Z" or "2026-04-17T00:00:00.000Z"; nil for anything
  /// else. Fractions of a second are passed over.
  init?(isoText text: some StringProtocol) {
    let utf8 = Array(text.utf8)
    guard utf8.count >= 10, utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-"),
      let year = digits(utf8[0..<4]), let month = digits(utf8[5..<7]),
      let day = digits(utf8[8..<10]), (1970...2261).contains(year), (1...12).contains(month),
      (1...31).contains(day)
    else { return nil }
    var seconds = daysSinceEpoch(year, month, day) * 86_400
    if utf8.count > 10 {
      guard utf8.count >= 20, utf8.last == UInt8(ascii: "Z"), utf8[10] == UInt8(ascii: "T"),
        utf8[13] == UInt8(ascii: ":"), utf8[16] == UInt8(ascii: ":"),
        let hour = digits(utf8[11..<13]), let minute = digits(utf8[14..<16]),
        let second = digits(utf8[17..<19]), hour < 24, minute < 60, second <= 60,
        utf8.count == 20
          || (utf8[19] == UInt8(ascii: ".") && digits(utf8[20..<(utf8.count - 1)]) != nil)
      else { return nil }
      seconds += hour * 3_600 + minute * 60 + second
    }
    self.init(seconds: seconds)
  }
}

/// A number of one to nine decimal digits.
private func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
  guard (1...9).contains(bytes.count) else { return nil }
  var value: Int64 = 0
  for byte in bytes {
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
    value = value * 10 + Int64(byte - UInt8(ascii: "0"))
  }
  return value
}

/// Days from 1970-01-01 in the Gregorian calendar, by Howard Hinnant's `days_from_civil`
/// (https://howardhinnant.github.io/date_algorithms.html), for years from 1970.
private func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
  let shifted = month <= 2 ? year - 1 : year
  let era = shifted / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
