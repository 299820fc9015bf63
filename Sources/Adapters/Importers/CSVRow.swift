import BenchmarkDomain

/// The columns of a CSV file, by name.
struct CSVHeader: Sendable {
  private let columns: [String: Int]
  let count: Int

  /// Reads the first record; throws `missingColumns` when a required column is not there, and
  /// `malformed` when one stands twice.
  init(_ record: CSVRecord, required: [String], format: String) throws(ImportError) {
    var columns: [String: Int] = [:]
    for index in 0..<record.count {
      guard let name = String(validating: record[index], as: UTF8.self) else {
        throw ImportError(.malformed, line: record.line, "column \(index + 1) is not UTF-8")
      }
      // Columns without name are no use, and pandas writes one.
      if name.isEmpty { continue }
      guard columns.updateValue(index, forKey: name) == nil else {
        throw ImportError(
          .malformed, line: record.line, "the column \"\(name.prefix(100))\" stands twice")
      }
    }
    let missing = required.filter { columns[$0] == nil }
    guard missing.isEmpty else {
      throw ImportError(
        .missingColumns, line: record.line,
        "not the \(format) format: columns are missing: \(missing.joined(separator: ", "))")
    }
    self.columns = columns
    count = record.count
  }

  func index(_ name: String) -> Int? { columns[name] }
}

/// One row with its columns' names; every fault names line and column.
struct CSVRow: Sendable {
  private let header: CSVHeader
  private let record: CSVRecord

  /// Throws `malformed` when the row has more or fewer fields than the header.
  init(_ record: CSVRecord, _ header: CSVHeader) throws(ImportError) {
    guard record.count == header.count else {
      throw ImportError(
        .malformed, line: record.line,
        "\(record.count) fields where the header has \(header.count)")
    }
    self.header = header
    self.record = record
  }

  var line: Int { record.line }

  /// Equal for rows of the same fields.
  var digest: ContentHash.Digest { record.digest }

  /// The bytes of a field; empty when the column is not there.
  func bytes(_ name: String) -> ArraySlice<UInt8> {
    header.index(name).map { record[$0] } ?? []
  }

  /// The text of a field; empty when the column is not there. Throws `malformed` on bad UTF-8.
  func text(_ name: String) throws(ImportError) -> String {
    guard let text = String(validating: bytes(name), as: UTF8.self) else {
      throw ImportError(.malformed, line: line, "\(name) is not UTF-8")
    }
    return text
  }

  /// The text of a field that is kept: one line of at most `limit` bytes.
  func name(_ name: String, limit: Int = TextRule.longestName) throws(ImportError) -> String {
    let text = try text(name)
    if let fault = TextRule.faultOfName(text, limit: limit) { throw bad(name, fault) }
    return text
  }

  /// As `name`, and not empty.
  func requiredText(
    _ name: String, limit: Int = TextRule.longestID
  ) throws(ImportError) -> String {
    let text = try self.name(name, limit: limit)
    guard !text.isEmpty else { throw bad(name, "is empty") }
    return text
  }

  /// A field that names what the catalog has, by the catalog's own rule for ids.
  func id(_ name: String) throws(ImportError) -> String {
    let text = try text(name)
    if let fault = TextRule.faultOfID(text) { throw bad(name, fault) }
    return text
  }

  /// A finite number within a range.
  func number(_ name: String, in range: ClosedRange<Double>) throws(ImportError) -> Double {
    let text = try text(name)
    guard let value = decimal(text) else { throw bad(name, "is \"\(text.prefix(50))\", no number") }
    guard value.isFinite else { throw bad(name, "is \(value)") }
    guard range.contains(value) else {
      throw bad(name, "is \(value), outside \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A whole number within a range, also written as "8.0".
  func whole(_ name: String, in range: ClosedRange<Int64>) throws(ImportError) -> Int64 {
    let text = try text(name)
    guard let value = Int64(text) ?? decimal(text).flatMap({ Int64(exactly: $0) }) else {
      throw bad(name, "is \"\(text.prefix(50))\", no whole number")
    }
    guard range.contains(value) else {
      throw bad(name, "is \(value), outside \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A whole number, or nil when the field is empty.
  func optionalWhole(_ name: String, in range: ClosedRange<Int64>) throws(ImportError) -> Int64? {
    bytes(name).isEmpty ? nil : try whole(name, in: range)
  }

  /// A list of whole numbers of milliseconds, e.g. "[14, 366]".
  func milliseconds(_ name: String) throws(ImportError) -> [Int64] {
    let field = bytes(name)
    guard field.first == UInt8(ascii: "["), field.last == UInt8(ascii: "]"), field.count >= 2 else {
      throw bad(name, "is no list of numbers")
    }
    let items = field.dropFirst().dropLast()
    if items.isEmpty { return [] }
    var values: [Int64] = []
    for item in items.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let value = Int64(String(decoding: item.drop { $0 == 0x20 }, as: UTF8.self)) else {
        throw bad(name, "holds what is no whole number of milliseconds")
      }
      values.append(value)
    }
    return values
  }

  /// A fault of a field; what it quotes of the file is told without control characters.
  func bad(_ name: String, _ what: String) -> ImportError {
    var words = "\(name) "
    for scalar in what.unicodeScalars {
      let isControl = TextRule.faultOfName(String(scalar)) != nil
      words.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return ImportError(.badValue, line: line, words)
  }
}

/// A decimal number. `Double` alone also reads hexadecimal digits.
private func decimal(_ text: String) -> Double? {
  text.utf8.contains { $0 | 0x20 == UInt8(ascii: "x") } ? nil : Double(text)
}
