import BenchmarkDomain

// What every string and number has to be, whatever message it stands in.

/// Largest number of a segment; an execution that was interrupted so often has another problem.
let largestSegment: UInt32 = 1_000_000

/// An id: 1 to 200 bytes without control characters, and without a space at either end.
func id(_ text: String, _ field: String) throws(InvalidField) -> String {
  if let fault = TextRule.faultOfID(text) { throw InvalidField(field, fault) }
  return text
}

/// An id that may be left out.
func optionalID(_ text: String, _ field: String) throws(InvalidField) -> String? {
  text.isEmpty ? nil : try id(text, field)
}

/// Text on one line: at most `limit` bytes, no control characters.
func name(
  _ text: String, _ field: String, limit: Int = TextRule.longestName
) throws(InvalidField) -> String {
  if let fault = TextRule.faultOfName(text, limit: limit) { throw InvalidField(field, fault) }
  return text
}

/// Text of any kind, of at most `limit` bytes.
func report(
  _ text: String, _ field: String, limit: Int = TextRule.longestReport
) throws(InvalidField) -> String {
  guard text.utf8.count <= limit else {
    throw InvalidField(field, "must have at most \(limit) bytes, not \(text.utf8.count)")
  }
  return text
}

/// A number in a range.
func number<Number: FixedWidthInteger>(
  _ value: Number, _ field: String, in range: ClosedRange<Number>
) throws(InvalidField) -> Number {
  guard range.contains(value) else {
    throw InvalidField(
      field, "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
  }
  return value
}

/// A count: 0 or more.
func count<Number: FixedWidthInteger>(
  _ value: Number, _ field: String
) throws(InvalidField) -> Number {
  guard value >= 0 else { throw InvalidField(field, "must not be negative, as \(value) is") }
  return value
}

/// A figure: finite, and not negative.
func figure(_ value: Double, _ field: String) throws(InvalidField) -> Double {
  guard try finite(value, field) >= 0 else {
    throw InvalidField(field, "must not be negative, as \(value) is")
  }
  return value
}

/// Neither NaN nor infinite.
func finite(_ value: Double, _ field: String) throws(InvalidField) -> Double {
  guard value.isFinite else { throw InvalidField(field, "must be a finite number, not \(value)") }
  return value
}

/// A list of at most `limit` ids.
func ids(
  _ texts: [String], _ field: String, limit: Int = 1_000
) throws(InvalidField) -> [String] {
  try checkCount(texts.count, field, limit)
  for (index, text) in texts.enumerated() { _ = try id(text, "\(field)[\(index)]") }
  return texts
}

/// A list of at most `limit` numbers in a range.
func numbers(
  _ values: [Int32], _ field: String, in range: ClosedRange<Int32>, limit: Int = 10_000
) throws(InvalidField) -> [Int32] {
  try checkCount(values.count, field, limit)
  for (index, value) in values.enumerated() where !range.contains(value) {
    _ = try number(value, "\(field)[\(index)]", in: range)
  }
  return values
}

func checkCount(_ count: Int, _ field: String, _ limit: Int) throws(InvalidField) {
  guard count <= limit else {
    throw InvalidField(field, "must hold at most \(limit) entries, not \(count)")
  }
}
