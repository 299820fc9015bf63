/// Reads the rows of a CSV file with a header from bytes as they come: `consume` and `finish` cut
/// records, `row` reads each, so that the first fault of the file is the one that is told.
struct CSVTable: Sendable {
  private let format: String
  private let requiredColumns: [String]
  private var reader = CSVReader()
  private var header: CSVHeader?

  /// Starts on a file that must have some columns to be of a format.
  init(format: String, requiredColumns: [String]) {
    self.format = format
    self.requiredColumns = requiredColumns
  }

  /// Takes the next bytes; returns the records that they complete.
  mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ImportError) -> [CSVRecord] {
    var records: [CSVRecord] = []
    try reader.consume(bytes) { records.append($0) }
    return records
  }

  /// Ends the file; returns the record that a missing line end held back.
  mutating func finish() throws(ImportError) -> [CSVRecord] {
    var records: [CSVRecord] = []
    try reader.finish { records.append($0) }
    return records
  }

  /// Reads a record, each once and in order: the first is the header, which is no row.
  mutating func row(_ record: CSVRecord) throws(ImportError) -> CSVRow? {
    if let header { return try CSVRow(record, header) }
    header = try CSVHeader(record, required: requiredColumns, format: format)
    return nil
  }
}
