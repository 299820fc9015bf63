import BenchmarkDomain

/// One record of a CSV file: its fields' bytes, quotes undone.
struct CSVRecord: Sendable {
  /// Line on which it begins, counted from 1.
  let line: Int
  private let bytes: [UInt8]
  private let ends: [Int]

  init(line: Int, bytes: [UInt8], ends: [Int]) {
    self.line = line
    self.bytes = bytes
    self.ends = ends
  }

  var count: Int { ends.count }

  subscript(index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// Equal for records of the same fields.
  var digest: ContentHash.Digest {
    var hash = ContentHash()
    for index in 0..<count { hash.add(self[index]) }
    return hash.digest
  }
}

/// Reads CSV (RFC 4180) from bytes as they come: fields between commas, quoted fields with doubled
/// quotes and line ends inside, lines ended by LF or CRLF. Blank lines are passed over; a byte
/// order mark is dropped. NUL, a quote inside an unquoted field, and a lone CR are refused.
struct CSVReader: Sendable {
  /// Most bytes of a record.
  static let maximumRecordBytes = 1 << 24
  /// Most fields of a record.
  static let maximumFields = 1_000

  private enum State { case fieldStart, plain, quoted, quoteInQuoted, carriageReturn }

  private var state = State.fieldStart
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var line = 1
  private var recordLine = 1
  private var offset = 0
  private var hasContent = false

  /// Takes the next bytes and calls `body` for each record that they complete.
  mutating func consume(
    _ input: UnsafeRawBufferPointer, _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    var index = 0
    while index < input.count {
      let end = runEnd(input, from: index)
      if end > index {
        bytes.append(contentsOf: input[index..<end])
        offset += end - index
        index = end
      } else {
        try takeOne(input[index], body)
        index += 1
      }
      guard bytes.count <= Self.maximumRecordBytes else {
        throw ImportError(
          .tooLarge, line: recordLine, "a record of more than \(Self.maximumRecordBytes) bytes")
      }
    }
  }

  /// Where a run of bytes ends that belong to the field as they are.
  private func runEnd(_ input: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    switch state {
    case .quoted:
      while index < input.count {
        let byte = input[index]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n") || byte == 0 { break }
        index += 1
      }
    case .plain:
      while index < input.count {
        let byte = input[index]
        // Comma, quote and what lies below a space end a run; a tab comes one by one.
        if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte < 0x20 { break }
        index += 1
      }
    case .fieldStart, .quoteInQuoted, .carriageReturn: break
    }
    return index
  }

  private mutating func takeOne(
    _ byte: UInt8, _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    offset += 1
    if offset <= 3, isByteOrderMark(byte) { return }
    guard byte != 0 else { throw ImportError(.malformed, line: line, "a NUL byte: no CSV") }
    try step(byte, body)
  }

  /// Ends the file; a last line without line end is a record.
  mutating func finish(
    _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    switch state {
    case .quoted:
      throw ImportError(.malformed, line: recordLine, "the file ends within quotes")
    case .carriageReturn:
      throw ImportError(.malformed, line: line, "a carriage return without line feed")
    case .fieldStart, .plain, .quoteInQuoted:
      if hasContent || !ends.isEmpty { try endRecord(body) }
    }
  }

  private func isByteOrderMark(_ byte: UInt8) -> Bool {
    !hasContent && byte == [0xEF, 0xBB, 0xBF][offset - 1]
  }

  private mutating func step(
    _ byte: UInt8, _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    if byte == UInt8(ascii: "\n") { line += 1 }
    switch state {
    case .quoted:
      if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { bytes.append(byte) }
    case .quoteInQuoted where byte == UInt8(ascii: "\""):
      bytes.append(byte)
      state = .quoted
    case .carriageReturn:
      guard byte == UInt8(ascii: "\n") else {
        throw ImportError(.malformed, line: line, "a carriage return without line feed")
      }
      try endLine(body)
    case .fieldStart where byte == UInt8(ascii: "\""):
      hasContent = true
      state = .quoted
    case .fieldStart, .plain, .quoteInQuoted:
      try stepUnquoted(byte, body)
    }
  }

  private mutating func stepUnquoted(
    _ byte: UInt8, _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    switch byte {
    case UInt8(ascii: ","): try endField()
    case UInt8(ascii: "\n"): try endLine(body)
    case UInt8(ascii: "\r"): state = .carriageReturn
    case UInt8(ascii: "\""):
      throw ImportError(.malformed, line: line, "a quote inside an unquoted field")
    default:
      guard state != .quoteInQuoted else {
        throw ImportError(.malformed, line: line, "text behind a closing quote")
      }
      hasContent = true
      state = .plain
      bytes.append(byte)
    }
  }

  private mutating func endField() throws(ImportError) {
    ends.append(bytes.count)
    hasContent = true
    state = .fieldStart
    guard ends.count < Self.maximumFields else {
      throw ImportError(
        .tooLarge, line: recordLine, "a record of more than \(Self.maximumFields) fields")
    }
  }

  private mutating func endLine(
    _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    if hasContent { try endRecord(body) }
    state = .fieldStart
    recordLine = line
  }

  private mutating func endRecord(
    _ body: (CSVRecord) throws(ImportError) -> Void
  ) throws(ImportError) {
    ends.append(bytes.count)
    let record = CSVRecord(line: recordLine, bytes: bytes, ends: ends)
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    hasContent = false
    try body(record)
  }
}
