internal import Storage

/// What stands in an archive beside the rows. `docs/archive.proto` describes all of it.
enum ArchiveFormat {
  /// What the header says of itself.
  static let name = "benchfront archive"
  /// The version that is written, and the newest that is read.
  static let version: Int64 = 1
  /// Most bytes of a record: a row is far from it.
  static let recordLimit = 64 << 20
  /// Fields of `Record`, beside the tables' numbers.
  static let headerField = 1
  static let trailerField = 2

  /// A record: its length, and the message with its only field.
  static func record(_ field: Int, _ content: [UInt8]) -> [UInt8] {
    var message = WireWriter()
    message.counted(field, content)
    var record = WireWriter()
    record.varint(UInt64(message.bytes.count))
    return record.bytes + message.bytes
  }
}

/// The first record.
package struct ArchiveHeader: Sendable, Equatable {
  /// Version of the program that wrote it.
  package var program: String
  /// When, in nanoseconds since 1970.
  package var exportedAt: Int64

  /// Makes a header.
  package init(program: String, exportedAt: Int64) {
    (self.program, self.exportedAt) = (program, exportedAt)
  }

  var message: [UInt8] {
    var writer = WireWriter()
    writer.text(1, ArchiveFormat.name)
    writer.integer(2, ArchiveFormat.version)
    writer.text(3, program)
    writer.integer(4, exportedAt)
    return writer.bytes
  }

  /// Reads a header; what a newer version writes behind the version need not make sense.
  init(reading message: ArraySlice<UInt8>) throws {
    var reader = WireReader(message)
    guard reader.take(1, .counted), reader.text() == ArchiveFormat.name, reader.take(2, .varint),
      let version = reader.integer()
    else { throw ArchiveError.isNone }
    guard version == ArchiveFormat.version else {
      throw ArchiveError(
        "it is an archive of version \(version), and this program reads version "
          + "\(ArchiveFormat.version): use a newer benchfront-server")
    }
    guard reader.take(3, .counted), let program = reader.text(), reader.take(4, .varint),
      let exportedAt = reader.integer(), reader.isAtEnd
    else { throw ArchiveError("its first record is damaged") }
    self.init(program: program, exportedAt: exportedAt)
  }
}

/// The last record.
struct ArchiveTrailer: Equatable {
  /// Of every table, in the order of `TransferTable.all`.
  var summaries: [TableSummary]
  /// SHA-256 of all bytes before the trailer.
  var digest: [UInt8]

  var message: [UInt8] {
    var writer = WireWriter()
    for summary in summaries {
      var own = WireWriter()
      own.text(1, summary.table)
      own.integer(2, summary.count)
      own.counted(3, summary.digest.bytes)
      writer.counted(1, own.bytes)
    }
    writer.counted(2, digest)
    return writer.bytes
  }
}
