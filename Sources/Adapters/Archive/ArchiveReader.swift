package import Storage
internal import TLS

/// Reads an archive into an empty store, and verifies what is in the store then.
package struct ArchiveReader {
  /// Most bytes of rows that are written at once, beside the last.
  private static let pageSize = 1 << 20

  private var records: RecordReader
  private var place = 0
  private var digest = TableDigest()
  private var summaries: [TableSummary] = []
  private var page: [TransferRow] = []
  private var pageBytes = 0

  /// - Parameter read: returns the next bytes, cut anywhere, and none at the end.
  package init(read: @escaping () throws -> [UInt8]) { records = RecordReader(read: read) }

  /// Reads everything into the target, reads it back out of it, and returns what is in it.
  ///
  /// - Throws: `ArchiveError` for an archive that is none, is damaged, or has a newer version;
  ///   `VerificationError` when the target gives back something else; and what `read` and the
  ///   target throw.
  package mutating func load(into target: any TransferTarget) async throws -> [TableSummary] {
    try readHeader()
    while let record = try records.next() {
      guard record.field == ArchiveFormat.trailerField else {
        try await take(record, into: target)
        continue
      }
      try await end(record, target)
      try await Self.verify(summaries, target)
      return summaries
    }
    throw ArchiveError("it is cut off: it ends behind \(reached) without its last record")
  }

  private mutating func readHeader() throws {
    var first: RecordReader.Record?
    // Whatever is wrong with them, no first bytes but a header's make an archive.
    do { first = try records.next() } catch is ArchiveError {}
    guard let first, first.field == ArchiveFormat.headerField else {
      throw ArchiveError.isNone
    }
    _ = try ArchiveHeader(reading: first.content)
  }

  // MARK: Rows

  private mutating func take(
    _ record: RecordReader.Record, into target: any TransferTarget
  ) async throws {
    let tables = TransferTable.all
    guard let found = tables.firstIndex(where: { $0.number == record.field }), found >= place else {
      throw ArchiveError("it is damaged at byte \(record.offset): no such record may stand there")
    }
    while place < found { try await nextTable(target) }
    let table = tables[place]
    guard let row = RowCoding.decode(record.content, of: table) else {
      throw ArchiveError("it is damaged at byte \(record.offset): the \(table.noun) cannot be read")
    }
    if let fault = table.fault(in: row) {
      throw ArchiveError(
        "it is damaged at byte \(record.offset): the \(table.title(of: row)) has \(fault)")
    }
    digest.add(record.content)
    page.append(row)
    pageBytes += record.content.count
    if page.count >= 1000 || pageBytes >= Self.pageSize { try await flush(target) }
  }

  private mutating func nextTable(_ target: any TransferTarget) async throws {
    try await flush(target)
    summaries.append(digest.summary(of: TransferTable.all[place]))
    digest = TableDigest()
    place += 1
  }

  private mutating func flush(_ target: any TransferTarget) async throws {
    guard let first = page.first else { return }
    let table = TransferTable.all[place]
    do { try await target.append(page, to: table) } catch let error as StorageError
      where error.code == .invalid
    {
      throw ArchiveError(
        "its \(table.plural) from \(table.title(of: first)) on cannot be stored: \(error.message)")
    }
    page.removeAll(keepingCapacity: true)
    pageBytes = 0
  }

  /// The rows that were read last, for a sentence.
  private var reached: String {
    let table = TransferTable.all[place]
    return page.last.map { table.title(of: $0) } ?? "the last of the \(table.plural) that were read"
  }

  // MARK: Verifying

  private mutating func end(
    _ record: RecordReader.Record, _ target: any TransferTarget
  ) async throws {
    while place < TransferTable.all.count { try await nextTable(target) }
    let trailer = try ArchiveTrailer(reading: record)
    for (found, stated) in zip(summaries, trailer.summaries) where found != stated {
      throw ArchiveError(
        "it is damaged: it says that \(stated.count) rows of \(stated.table) were exported with "
          + "checksum \(stated.digest.short), and holds \(found.count) with \(found.digest.short)")
    }
    guard trailer.digest == records.digestBefore else {
      throw ArchiveError("it is damaged: its bytes are not those that were exported")
    }
    guard summaries[0].count == 1 else {
      throw ArchiveError("it is damaged: it states no version of the data")
    }
    guard try records.next() == nil else {
      throw ArchiveError("it is damaged: something stands behind its last record")
    }
  }

  private static func verify(
    _ summaries: [TableSummary], _ target: any TransferTarget
  ) async throws {
    for (table, expected) in zip(TransferTable.all, summaries) {
      var summing = TableDigest()
      try await target.forEachPage(of: table) { rows in
        for row in rows { summing.add(RowCoding.encode(row)) }
      }
      let found = summing.summary(of: table)
      guard found == expected else {
        throw VerificationError(
          "the store gave back \(found.count) rows of \(table.name) with checksum "
            + "\(found.digest.short) for \(expected.count) with \(expected.digest.short)")
      }
    }
  }
}

extension ArchiveTrailer {
  /// Reads the last record.
  fileprivate init(reading record: RecordReader.Record) throws {
    let error = ArchiveError(
      "it is damaged at byte \(record.offset): its last record is no trailer")
    var reader = WireReader(record.content)
    var summaries: [TableSummary] = []
    while reader.take(1, .counted) {
      guard let message = reader.counted(), let summary = TableSummary(reading: message) else {
        throw error
      }
      summaries.append(summary)
    }
    guard reader.take(2, .counted), let digest = reader.counted(), reader.isAtEnd,
      summaries.map(\.table) == TransferTable.all.map(\.name)
    else { throw error }
    self.init(summaries: summaries, digest: Array(digest))
  }
}

extension TableSummary {
  fileprivate init?(reading message: ArraySlice<UInt8>) {
    var reader = WireReader(message)
    guard reader.take(1, .counted), let table = reader.text(), reader.take(2, .varint),
      let count = reader.integer(), reader.take(3, .counted), let bytes = reader.counted(),
      reader.isAtEnd, let digest = Digest(bytes: Array(bytes))
    else { return nil }
    self.init(table: table, count: count, digest: digest)
  }
}

extension Digest {
  /// Enough of it for people to tell two apart.
  fileprivate var short: String { String(hexadecimal.prefix(16)) }
}
