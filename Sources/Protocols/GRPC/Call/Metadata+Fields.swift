import Glibc
import HTTP2

extension Metadata {
  /// Adds one received field; `-bin` values may be several, joined by commas.
  ///
  /// - Throws: `RPCError` with `invalidArgument` when a value is not what gRPC allows: base64 under
  ///   a name in `-bin`, printable ASCII under another.
  mutating func receive(name: RawSpan, value: RawSpan) throws(RPCError) {
    let name = name.text
    guard name.hasSuffix("-bin") else {
      guard value.withUnsafeBytes({ Self.isText($0) }) else { throw Self.notText(name) }
      return appendReceived(name, .text(value.text))
    }
    let bytes = value.array
    for part in bytes.split(separator: 0x2C, omittingEmptySubsequences: false) {
      guard let binary = Base64.decode(part.drop(while: { $0 == 0x20 })) else {
        throw RPCError(.invalidArgument, "metadata '\(name)' is not base64")
      }
      appendReceived(name, .binary(binary))
    }
  }

  /// Appends the entries to a list of header fields.
  func append(to fields: inout HeaderFields) {
    for entry in entries {
      switch entry.value {
      case .text(let text): fields.append(entry.name, text)
      case .binary(let bytes): fields.append(entry.name, bytes: Base64.encode(bytes))
      }
    }
  }
}

extension RawSpan {
  /// A copy of the bytes.
  var array: [UInt8] { withUnsafeBytes { Array($0) } }

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
    byteCount >= text.utf8CodeUnitCount
      && extracting(0..<text.utf8CodeUnitCount).equals(text)
  }

}
