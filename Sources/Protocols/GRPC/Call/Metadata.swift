import HTTP2

/// Custom header fields of a call: ordered, several values a name, binary under names in `-bin`.
package struct Metadata: Sendable, Equatable {
  /// One value: printable ASCII, or any bytes when the name ends in `-bin`.
  package enum Value: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
  }

  /// A name in lower case and its value.
  package struct Entry: Sendable, Equatable {
    package let name: String
    package let value: Value
  }

  /// Names and values, one block for all of them; binary values as they are, not in base64.
  private var fields = HeaderFields()

  package init() {}

  /// Nothing yet, with room for what a header block may bring.
  init(roomFor block: HeaderFields) { fields = HeaderFields(roomFor: block) }

  package var isEmpty: Bool { fields.isEmpty }

  /// Copies of all names and values, in order.
  package var entries: [Entry] {
    var entries: [Entry] = []
    visit {
      entries.append(Entry(name: $0.text, value: $0.isBinary ? .binary($1.array) : .text($1.text)))
    }
    return entries
  }

  /// Calls `body` with each name and value in order; the spans are valid during the call.
  func visit(_ body: (_ name: RawSpan, _ value: RawSpan) -> Void) { fields.visit(body) }

  /// Appends a text value; spaces around it are lost, since HTTP/2 allows none.
  ///
  /// - Throws: `RPCError` with `invalidArgument` when gRPC does not allow the name or the value.
  package mutating func append(_ name: String, _ value: String) throws(RPCError) {
    let name = name.lowercased()
    guard Self.isAllowed(name), !name.hasSuffix("-bin") else { throw Self.illegal(name) }
    guard Self.isText(value.utf8) else { throw Self.notText(name) }
    fields.append(name, Self.trimmed(value))
  }

  /// Appends a binary value; the name ends in `-bin`.
  ///
  /// - Throws: `RPCError` with `invalidArgument` when gRPC does not allow the name.
  package mutating func append(_ name: String, binary value: [UInt8]) throws(RPCError) {
    let name = name.lowercased()
    guard Self.isAllowed(name), name.hasSuffix("-bin") else { throw Self.illegal(name) }
    fields.append(name, bytes: value)
  }

  /// Whether bytes can be a text value.
  static func isText(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }
  }

  /// Whether bytes can be a text value; looks at all of them, many at a time.
  static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return true }
    var other: UInt8 = 0
    for index in 0..<bytes.count { other |= first[index] &- 0x20 > 0x5E ? 1 : 0 }
    return other == 0
  }

  static func notText(_ name: String) -> RPCError {
    RPCError(.invalidArgument, "metadata '\(name)' has a character that is not printable ASCII")
  }

  private static func trimmed(_ value: String) -> String {
    guard value.utf8.first == 0x20 || value.utf8.last == 0x20 else { return value }
    let start = value.drop { $0 == " " }
    let end = start.lastIndex { $0 != " " }
    return end.map { String(start[...$0]) } ?? ""
  }

  /// Appends what has come from the wire, or what is not the application's.
  mutating func appendReceived(_ name: RawSpan, _ value: RawSpan) {
    fields.append(name: name, value: value)
  }

  /// The first text value of a name.
  package func first(_ name: String) -> String? {
    guard !name.hasSuffix("-bin") else { return nil }
    return fields.first(name)
  }

  /// Calls `body` with the first value of a name, unless there is none.
  func withFirst<Result>(_ name: StaticString, _ body: (RawSpan) -> Result) -> Result? {
    var result: Result?
    fields.visit { key, value in
      if result == nil, key.equals(name) { result = body(value) }
    }
    return result
  }

  /// Calls `body` with the value of a name that may have only one, unless there is none;
  /// `isRepeated` says whether there are more.
  func withOnly<Result>(
    _ name: StaticString, _ body: (RawSpan) -> Result
  ) -> (result: Result?, isRepeated: Bool) {
    var found: (result: Result?, isRepeated: Bool) = (nil, false)
    fields.visit { key, value in
      guard key.equals(name) else { return }
      if found.result == nil { found.result = body(value) } else { found.isRepeated = true }
    }
    return found
  }

  /// The first binary value of a name.
  package func firstBinary(_ name: String) -> [UInt8]? {
    guard case .binary(let bytes) = all(name).first else { return nil }
    return bytes
  }

  /// All values of a name, in order.
  package func all(_ name: String) -> [Value] {
    entries.filter { $0.name == name }.map(\.value)
  }

  private static func illegal(_ name: String) -> RPCError {
    RPCError(.invalidArgument, "'\(name)' is not a legal metadata name for this kind of value")
  }

  private static func isAllowed(_ name: String) -> Bool {
    let isLegal = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x61...0x7A, 0x30...0x39, 0x5F, 0x2D, 0x2E: true
      default: false
      }
    }
    return isLegal && !name.isEmpty && !name.hasPrefix("grpc-") && !reserved.contains(name)
  }

  private static let reserved: Set<String> = [
    "te", "content-type", "content-length", "connection", "host", "transfer-encoding", "upgrade",
    "keep-alive", "proxy-connection", "user-agent",
  ]
}
