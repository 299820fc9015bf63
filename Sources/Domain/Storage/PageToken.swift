internal import FoundationEssentials

/// A value that a list is ordered by, as a page token holds it.
package enum PageKey: Sendable, Hashable {
  /// There is none.
  case null
  /// A whole number, or a time in nanoseconds.
  case integer(Int64)
  /// Any other number.
  case real(Double)
  /// A text.
  case text(String)
  /// Bytes.
  case bytes([UInt8])
}

/// Where a list goes on: the sort keys of the last row that was shown, bound to the question
/// by a checksum, in URL-safe base 64.
package enum PageToken {
  private static let refusal = StorageError(
    .invalid, "The page token is not one of this list; start with an empty one.")

  /// Makes a token.
  package static func encode(_ keys: [PageKey], question: String) -> String {
    let body = keys.flatMap(encoded)
    let sum = withUnsafeBytes(of: checksum(body, question)) { [UInt8]($0) }
    let text = Data(sum + body).base64EncodedString()
    return String(text.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
  }

  /// Reads a token; `invalid` for garbage and for a token of another question.
  package static func decode(_ token: String, question: String, keyCount: Int) throws -> [PageKey] {
    var text = String(token.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: text), data.count >= 8 else { throw refusal }
    let bytes = [UInt8](data)
    let body = Array(bytes[8...])
    guard withUnsafeBytes(of: checksum(body, question), { $0.elementsEqual(bytes[..<8]) }) else {
      throw refusal
    }
    var rest = body[...]
    var keys: [PageKey] = []
    while !rest.isEmpty { keys.append(try decoded(&rest)) }
    guard keys.count == keyCount else { throw refusal }
    return keys
  }

  /// FNV-1a of the question and the keys: it tells mistakes from tokens, not forgers from callers.
  private static func checksum(_ body: [UInt8], _ question: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in question.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for byte in body { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash.littleEndian
  }

  private static func encoded(_ key: PageKey) -> [UInt8] {
    switch key {
    case .null: [0]
    case .integer(let number): [1] + fixed(UInt64(bitPattern: number))
    case .real(let number): [2] + fixed(number.bitPattern)
    case .text(let text): [3] + fixed(UInt64(text.utf8.count)) + Array(text.utf8)
    case .bytes(let bytes): [4] + fixed(UInt64(bytes.count)) + bytes
    }
  }

  private static func decoded(_ rest: inout ArraySlice<UInt8>) throws -> PageKey {
    switch rest.popFirst() {
    case 0: return .null
    case 1: return .integer(Int64(bitPattern: try fixed(&rest)))
    case 2: return .real(Double(bitPattern: try fixed(&rest)))
    case 3: return .text(String(decoding: try counted(&rest), as: UTF8.self))
    case 4: return .bytes(Array(try counted(&rest)))
    default: throw refusal
    }
  }

  private static func fixed(_ number: UInt64) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) }
  }

  private static func fixed(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    guard rest.count >= 8 else { throw refusal }
    defer { rest = rest.dropFirst(8) }
    return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func counted(_ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    let count = try fixed(&rest)
    guard count <= UInt64(rest.count) else { throw refusal }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }
}
