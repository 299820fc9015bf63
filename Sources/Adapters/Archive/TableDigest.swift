internal import Storage
package import TLS

/// What is known of the rows of a table without them.
package struct TableSummary: Sendable, Equatable {
  /// The table's name.
  package var table: String
  /// How many rows there are.
  package var count: Int64
  /// SHA-256 of the rows in their order, each as its message behind the message's length.
  package var digest: Digest
}

/// Sums up the rows of a table as they come.
struct TableDigest {
  private let digest = RunningDigest()
  private var count: Int64 = 0

  /// Adds a row as it is encoded.
  mutating func add(_ row: some Collection<UInt8>) {
    var length = WireWriter()
    length.varint(UInt64(row.count))
    digest.add(length.bytes)
    digest.add(row)
    count += 1
  }

  func summary(of table: TransferTable) -> TableSummary {
    TableSummary(table: table.name, count: count, digest: digest.value)
  }
}
