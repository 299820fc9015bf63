import Storage
import Testing

@testable import Archive

/// Rows as they are written by hand.
enum Rows {
  static func model(_ id: String) -> TransferRow {
    [.text(id), .text(""), .text("hosted"), .text("")]
      + [TransferValue](repeating: .integer(0), count: 5) + [.text(""), .text(""), .integer(-1)]
  }
}

extension Rows {
  static func sample(_ execution: Int64) -> TransferRow {
    [.integer(execution), .integer(3), .integer(1), .integer(0), .integer(1), .integer(200)]
      + [TransferValue](repeating: .integer(0), count: 9) + [.integer(1), .integer(0), .bytes([])]
  }
}

@Suite("Archives that are refused")
struct BadArchiveTests {
  /// A small archive with rows in several tables.
  private func archive(_ more: [(TransferTable, TransferRow)] = []) async throws -> [UInt8] {
    let source = MemoryTarget()
    await source.append([[.text("data_version"), .integer(7)]], to: .meta)
    for id in ["a", "b", "ü"] { await source.append([Rows.model(id)], to: .model) }
    await source.append(
      [[.integer(1), .integer(0), .text("agent"), .integer(.min)]], to: .segment)
    for (table, row) in more { await source.append([row], to: table) }
    return try await Transfers.write(source).0
  }

  private func refusal(
    _ archive: [UInt8], piece: Int = 7, _ target: MemoryTarget = MemoryTarget()
  ) async throws -> ArchiveError? {
    do {
      _ = try await Transfers.load(archive, into: target, piece: piece)
      return nil
    } catch let error as ArchiveError { return error }
  }

  @Test("a whole archive is taken, in whatever pieces it comes", arguments: [1, 7, 64, 100_000])
  func whole(piece: Int) async throws {
    let target = MemoryTarget()
    #expect(try await refusal(try await archive(), piece: piece, target) == nil)
    #expect(await target.rowCount == 5)
  }

  @Test("an archive that ends early is refused wherever that is")
  func cut() async throws {
    let archive = try await archive()
    let header = ArchiveFormat.record(
      ArchiveFormat.headerField, Transfers.header.message
    ).count
    for length in 0..<archive.count {
      let error = try #require(try await refusal(Array(archive.prefix(length))), "\(length)")
      let reason = length < header ? "it does not begin as an archive" : "it is cut off"
      #expect(error.message.hasPrefix(reason), "\(length): \(error)")
    }
  }

  @Test("an archive with any byte changed is refused")
  func altered() async throws {
    let archive = try await archive()
    for place in archive.indices {
      for bit: UInt8 in [0, 3, 7] {
        var other = archive
        other[place] ^= 1 << bit
        #expect(try await refusal(other, piece: 1000) != nil, "byte \(place), bit \(bit)")
      }
    }
  }

  @Test("an altered row is named by its table")
  func alteredRow() async throws {
    var other = try await archive()
    let place = try #require(
      other.indices.first { other[$0...].starts(with: "ü".utf8) }, "there is no ü")
    other[place + 1] = 0xb6
    let error = try #require(try await refusal(other))
    #expect(error.message.contains("3 rows of model were exported with checksum"), "\(error)")
  }

  @Test("garbage, nothing, and text are no archives")
  func garbage() async throws {
    let inputs = [
      [], [0], [UInt8](repeating: 0xff, count: 1000), Array("PGDMP this is a dump".utf8),
      Array("SQLite format 3\0".utf8), [UInt8](repeating: 0x80, count: 12),
    ]
    for input in inputs { #expect(try await refusal(input) != nil, "\(input.prefix(10))") }
  }

  @Test("a record that would take all memory is refused before it is read")
  func longRecord() async throws {
    var writer = WireWriter()
    writer.varint(1 << 62)
    let header = ArchiveFormat.record(ArchiveFormat.headerField, Transfers.header.message)
    let error = try await refusal(header + writer.bytes)
    #expect(
      error?.message
        == "it is damaged at byte \(header.count): a record cannot be that long")
  }

  @Test("an archive of a newer version says so")
  func newer() async throws {
    var header = WireWriter()
    header.text(1, ArchiveFormat.name)
    header.integer(2, 2)
    header.integer(9, 9)
    let record = ArchiveFormat.record(ArchiveFormat.headerField, header.bytes)
    let error = try await refusal(record)
    #expect(error?.message.contains("version 2") == true)
    #expect(error?.message.contains("use a newer benchfront-server") == true)
  }

  @Test("what stands behind the last record is refused")
  func more() async throws {
    let archive = try await archive()
    for tail in [[0], archive] as [[UInt8]] {
      #expect(try await refusal(archive + tail) != nil)
    }
  }

  @Test("rows that a store would not have written are refused with where and why")
  func unsound() async throws {
    var unknown = Rows.model("c")
    unknown[2] = .text("borrowed")
    var nul = Rows.model("c")
    nul[1] = .text("a\0b")
    var early = Rows.model("c")
    early[4] = .null
    let hardware: TransferRow = [
      .text("h"), .text(""), .text(""), .integer(1), .integer(1), .integer(1), .real(.nan),
    ]
    let cases: [(TransferTable, TransferRow, String)] = [
      (.model, unknown, "the model \"c\" has a kind that is unknown"),
      (.model, nul, "the model \"c\" has a display_name that it cannot have"),
      (.model, early, "the model cannot be read"),
      (.hardware, hardware, "the hardware profile \"h\" has a power_watts that it cannot have"),
      (
        .configuration,
        [
          .integer(1), .bytes([UInt8](repeating: 1, count: 16)), .text("m"), .text("h"),
          .text("e"), .text("q"), .integer(1), .integer(1), .integer(1), .integer(0), .texts([]),
        ], "an id that is not that of its content"
      ),
      (.meta, [.text("another"), .integer(0)], "a name that is unknown"),
    ]
    for (table, row, reason) in cases {
      let error = try #require(try await refusal(try await archive([(table, row)])), "\(reason)")
      #expect(error.message.hasPrefix("it is damaged at byte "), "\(error)")
      #expect(error.message.contains(reason), "\(error)")
    }
  }

  @Test("tables come in their order")
  func order() async throws {
    let row = RowCoding.encode([.text("data_version"), .integer(0)])
    let late = ArchiveFormat.record(TransferTable.meta.number, row)
    let model = ArchiveFormat.record(
      TransferTable.model.number, RowCoding.encode(Rows.model("a")))
    let header = ArchiveFormat.record(ArchiveFormat.headerField, Transfers.header.message)
    let error = try await refusal(header + model + late)
    #expect(error?.message.contains("no such record may stand there") == true)
    let unknown = try await refusal(header + ArchiveFormat.record(99, [1]))
    #expect(unknown?.message.contains("no such record may stand there") == true)
  }

  @Test("a target that gives back something else is told apart")
  func verified() async throws {
    let archive = try await archive()
    let error = await #expect(throws: VerificationError.self) {
      try await Transfers.load(archive, into: MemoryTarget(forgetting: .model))
    }
    #expect(error?.message.contains("gave back 0 rows of model") == true)
  }
}
