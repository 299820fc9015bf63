internal import TLS

/// Cuts an archive into its records.
struct RecordReader {
  /// A record with its only field.
  struct Record {
    /// The field.
    var field: Int
    /// What stands in it.
    var content: ArraySlice<UInt8>
    /// Where the record begins in the archive.
    var offset: Int
  }

  private let read: () throws -> [UInt8]
  private let digest = RunningDigest()
  private var buffer: ArraySlice<UInt8> = []
  private var offset = 0
  private var hasEnded = false

  /// `read` returns the next bytes, cut anywhere, and none at the end.
  init(read: @escaping () throws -> [UInt8]) { self.read = read }

  /// The digest of all records but the last that was returned.
  private(set) var digestBefore: [UInt8] = []

  /// The next record; nil at the end of the archive. What one returned before is forgotten.
  mutating func next() throws -> Record? {
    guard let length = try length() else { return nil }
    guard length.value <= UInt64(ArchiveFormat.recordLimit) else {
      throw ArchiveError("it is damaged at byte \(offset): a record cannot be that long")
    }
    let size = length.count + Int(length.value)
    guard try fill(size) else { throw cut() }
    let whole = buffer.prefix(size)
    var reader = WireReader(whole.dropFirst(length.count))
    guard let field = reader.countedField(), let content = reader.counted(), reader.isAtEnd else {
      throw ArchiveError("it is damaged at byte \(offset): there is no record")
    }
    let record = Record(field: field, content: content, offset: offset)
    if field == ArchiveFormat.trailerField { digestBefore = digest.value.bytes }
    digest.add(whole)
    buffer = buffer.dropFirst(size)
    offset += size
    return record
  }

  private func cut() -> ArchiveError {
    ArchiveError("it is cut off: it ends within the record at byte \(offset)")
  }

  private mutating func length() throws -> (value: UInt64, count: Int)? {
    guard try fill(1) else { return nil }
    _ = try fill(10)
    var reader = WireReader(buffer.prefix(10))
    let before = buffer.prefix(10).count
    guard let value = reader.varint() else {
      if buffer.count < 10 { throw cut() }
      throw ArchiveError("it is damaged at byte \(offset): there is no record")
    }
    return (value, before - reader.restCount)
  }

  /// Reads until so many bytes are there; false when the archive ends before.
  private mutating func fill(_ count: Int) throws -> Bool {
    guard buffer.count < count, !hasEnded else { return buffer.count >= count }
    var whole = Array(buffer)
    while whole.count < count {
      let more = try read()
      if more.isEmpty {
        hasEnded = true
        break
      }
      whole += more
    }
    buffer = whole[...]
    return buffer.count >= count
  }
}
