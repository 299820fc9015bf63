package import Storage
internal import TLS

/// Writes an archive to wherever bytes go, in pieces of some 256 KiB.
package struct ArchiveWriter {
  private static let pieceSize = 256 << 10

  private let write: ([UInt8]) throws -> Void
  private let digest = RunningDigest()
  private var piece: [UInt8] = []
  private var summaries: [TableSummary] = []

  /// Begins an archive; `write` takes its bytes in order.
  package init(
    _ header: ArchiveHeader, write: @escaping ([UInt8]) throws -> Void
  ) throws {
    self.write = write
    try put(ArchiveFormat.record(ArchiveFormat.headerField, header.message))
  }

  /// Writes everything that a store holds; returns what is in it, table by table.
  ///
  /// - Throws: what the store throws, and what `write` throws.
  package mutating func writeAll(of source: any TransferSource) async throws -> [TableSummary] {
    for table in TransferTable.all {
      var summing = TableDigest()
      try await source.forEachPage(of: table) { rows in
        for row in rows {
          let message = RowCoding.encode(row)
          summing.add(message)
          try put(ArchiveFormat.record(table.number, message))
        }
      }
      summaries.append(summing.summary(of: table))
    }
    try end()
    return summaries
  }

  private mutating func end() throws {
    try flush()
    let trailer = ArchiveTrailer(summaries: summaries, digest: digest.value.bytes)
    piece = ArchiveFormat.record(ArchiveFormat.trailerField, trailer.message)
    try write(piece)
  }

  private mutating func put(_ bytes: [UInt8]) throws {
    piece += bytes
    if piece.count >= Self.pieceSize { try flush() }
  }

  private mutating func flush() throws {
    digest.add(piece)
    try write(piece)
    piece.removeAll(keepingCapacity: true)
  }
}
