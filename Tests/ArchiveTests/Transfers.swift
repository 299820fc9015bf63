import Storage

@testable import Archive

/// Archives in memory.
enum Transfers {
  static let header = ArchiveHeader(program: "test", exportedAt: 1_780_000_000_000_000_000)

  /// What a store exports, and what it says is in that.
  static func export(_ store: any TransferStore) async throws -> ([UInt8], [TableSummary]) {
    try await store.export { try await write($0) }
  }

  static func write(_ source: any TransferSource) async throws -> ([UInt8], [TableSummary]) {
    let bytes = Bytes()
    var writer = try ArchiveWriter(header) { bytes.all += $0 }
    let summaries = try await writer.writeAll(of: source)
    return (bytes.all, summaries)
  }

  /// Imports, reading the archive in pieces of some bytes.
  @discardableResult
  static func load(
    _ archive: [UInt8], into store: any TransferStore, piece: Int = 1000
  ) async throws -> [TableSummary] {
    try await store.load { try await load(archive, into: $0, piece: piece) }
  }

  static func load(
    _ archive: [UInt8], into target: any TransferTarget, piece: Int = 1000
  ) async throws -> [TableSummary] {
    var rest = archive[...]
    var reader = ArchiveReader {
      defer { rest = rest.dropFirst(piece) }
      return Array(rest.prefix(piece))
    }
    return try await reader.load(into: target)
  }
}

/// Bytes that a closure adds to.
final class Bytes {
  var all: [UInt8] = []
}

/// Tables in memory; it keeps any row.
actor MemoryTarget: TransferTarget {
  private var rows: [Int: [TransferRow]] = [:]
  /// Rows of this table are forgotten from now on.
  private let forgotten: TransferTable?

  init(forgetting table: TransferTable? = nil) { forgotten = table }

  var rowCount: Int { rows.values.reduce(0) { $0 + $1.count } }

  func append(_ rows: [TransferRow], to table: TransferTable) {
    if table.number == forgotten?.number { return }
    self.rows[table.number, default: []] += rows
  }

  nonisolated func forEachPage(
    of table: TransferTable, _ body: ([TransferRow]) async throws -> Void
  ) async throws {
    let all = await rows(of: table)
    if !all.isEmpty { try await body(all) }
  }

  func rows(of table: TransferTable) -> [TransferRow] { rows[table.number] ?? [] }
}
