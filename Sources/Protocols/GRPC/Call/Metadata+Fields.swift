import Glibc
import HTTP2

extension Metadata {
  /// Adds one received field; `-bin` values may be several, joined by commas.
  ///
  /// - Throws: `RPCError` with `invalidArgument` when a value is not what gRPC allows: base64 under
  ///   a name in `-bin`, printable ASCII under another.
  mutating func receive(name: RawSpan, value: RawSpan) throws(RPCError) {
    guard name.isBinary else {
      guard value.withUnsafeBytes({ Self.isText($0) }) else { throw Self.notText(name.text) }
      return appendReceived(name, value)
    }
    let bytes = value.array
    for part in bytes.split(separator: 0x2C, omittingEmptySubsequences: false) {
      guard let binary = Base64.decode(part.drop(while: { $0 == 0x20 })) else {
        throw RPCError(.invalidArgument, "metadata '\(name.text)' is not base64")
      }
      appendReceived(name, binary.span.bytes)
    }
  }

  /// Appends the entries to a list of header fields.
  func append(to fields: inout HeaderFields) {
    visit { name, value in
      if name.isBinary {
        fields.append(name: name, value: Base64.encode(value.array).span.bytes)
      } else {
        fields.append(name: name, value: value)
      }
    }
  }
}

extension RawSpan {
  /// A copy of the bytes.
  var array: [UInt8] { withUnsafeBytes { Array($0) } }

  /// Whether values of this name are binary.
  var isBinary: Bool {
    byteCount >= 4 && extracting((byteCount - 4)..<byteCount).equals("-bin")
  }

  /// The bytes as text; what is not UTF-8 is replaced.
  var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

  func equals(_ text: StaticString) -> Bool {
    byteCount == text.utf8CodeUnitCount
      && withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return true }
        return memcmp(base, text.utf8Start, bytes.count) == 0
      }
  }

  func equals(_ other: [UInt8]) -> Bool {
    byteCount == other.count
      && withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return true }
        return memcmp(base, other, bytes.count) == 0
      }
  }

  func hasPrefix(_ text: StaticString) -> Bool {
    // Most names differ in their first byte.
    byteCount >= text.utf8CodeUnitCount && byteCount > 0
      && unsafeLoad(as: UInt8.self) == text.utf8Start.pointee
      && extracting(0..<text.utf8CodeUnitCount).equals(text)
  }

}
