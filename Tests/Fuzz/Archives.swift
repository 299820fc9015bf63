import Storage

@testable import Archive

/// Reads the input as an archive, in pieces whose size its first byte says. A row that can be read
/// is the same bytes when it is written again: checksums rest on that.
@Sendable func fuzzArchive(_ input: UnsafeRawBufferPointer) {
  guard let first = input.first else { return }
  let size = 1 + Int(first)
  var rest = Array(input.dropFirst())[...]
  var records = RecordReader {
    defer { rest = rest.dropFirst(size) }
    return Array(rest.prefix(size))
  }
  do {
    while let record = try records.next() { try read(record) }
  } catch {
    precondition(error is ArchiveError, "an archive fails with what is no error of an archive's")
  }
}

private func read(_ record: RecordReader.Record) throws {
  switch record.field {
  case ArchiveFormat.headerField: _ = try ArchiveHeader(reading: record.content)
  default:
    guard let table = TransferTable.all.first(where: { $0.number == record.field }),
      let row = RowCoding.decode(record.content, of: table)
    else { return }
    precondition(RowCoding.encode(row) == Array(record.content), "a row changes when it is kept")
  }
}
