import BenchmarkDomain
import Storage
import Testing

@testable import PostgresStorage

@Suite("Rows of binary COPY")
struct CopiedRowsTests {
  private static let long = "a text that no string holds in itself"
  private static let header: [UInt8] =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  private static let end: [UInt8] = [0xff, 0xff]

  /// A value behind its length.
  private static func field(_ bytes: [UInt8]?) -> [UInt8] {
    guard let bytes else { return [0xff, 0xff, 0xff, 0xff] }
    return number(Int32(bytes.count)) + bytes
  }

  private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func list(_ texts: [String]) -> [UInt8] {
    if texts.isEmpty { return number(Int32(0)) + number(Int32(0)) + number(Int32(25)) }
    let head = [1, 0, 25, Int32(texts.count), 1].flatMap { number($0) }
    return head + texts.flatMap { field(Array($0.utf8)) }
  }

  private static func row(_ text: String, _ texts: [String]) -> [UInt8] {
    let fields: [[UInt8]?] = [
      Array(text.utf8), nil, number(Int64.min), number(Int32(-4)), number(Int16(2)), [1, 2],
      list(texts),
    ]
    return number(Int16(fields.count)) + fields.flatMap { field($0) }
  }

  private static func read(_ columns: inout CopiedColumns) throws -> [String] {
    let text = try columns.commonText()
    guard try columns.optionalText() == nil else { throw StorageError.damaged("text") }
    let numbers = try (0..<3).map { _ in try columns.integer(Int64.self) }
    guard numbers == [.min, -4, 2] else { throw StorageError.damaged("number") }
    guard try Array(columns.slice()) == [1, 2] else { throw StorageError.damaged("bytes") }
    return try [text] + columns.texts()
  }

  @Test("values of every kind, in pieces that end with a row")
  func values() throws {
    let rows = CopiedRows(Self.read)
    try rows.take(Self.header)
    try rows.take(Self.row("short", []) + Self.row(Self.long, ["wörd", ""]))
    try rows.take(Self.row(Self.long, []) + Self.end)
    #expect(rows.values == [["short"], [Self.long, "wörd", ""], [Self.long]])
  }

  @Test("rows that are cut short or have another number of columns are told as damage")
  func damage() throws {
    let bytes = Self.header + Self.row(Self.long, ["a", "b"]) + Self.end
    for count in bytes.indices where count != bytes.count - 2 && count != Self.header.count {
      #expect(throws: StorageError.self, "\(count) bytes") {
        try CopiedRows(Self.read).take(Array(bytes[..<count]))
      }
    }
    var fewer = bytes
    fewer[Self.header.count + 1] -= 1
    var more = bytes
    more[Self.header.count + 1] += 1
    for changed in [fewer, more, bytes + [0]] {
      #expect(throws: StorageError.self) { try CopiedRows(Self.read).take(changed) }
    }
  }

  @Test("no byte that is changed leads out of the row")
  func changedBytes() throws {
    let bytes = Self.header + Self.row(Self.long, ["a", "b"]) + Self.end
    for place in bytes.indices {
      for byte: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
        var changed = bytes
        changed[place] = byte
        // Whether it is damage depends on the byte; that it ends is what is looked at.
        _ = try? CopiedRows(Self.read).take(changed)
      }
    }
  }

  @Test("texts that share their first and last bytes stay apart")
  func commonTexts() {
    var texts = CommonTexts()
    let names = (0..<100).flatMap { middle in
      ["12345678-\(middle)-12345678", "12345678-\(middle)12345678", "\(middle)", Self.long]
    }
    for name in names + names {
      #expect(Array(name.utf8).withUnsafeBytes { texts.text($0) } == name)
    }
  }
}
