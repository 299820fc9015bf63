/// A list of header fields in one block of bytes; names are lower-case.
package struct HeaderFields: Sendable {
  /// Before each field: the bytes of its name and of its value, four bytes each.
  private static let prefixBytes = 8

  /// The fields up to `end`, each behind its prefix; what is behind them is room.
  private var bytes: [UInt8] = []
  private var end = 0
  package private(set) var count = 0

  package init() {}

  /// Builds a list of fields, for constants.
  package init(_ fields: KeyValuePairs<String, String>) {
    for (name, value) in fields { append(name, value) }
  }

  package var isEmpty: Bool { count == 0 }

  /// The size as HTTP/2 counts it, 32 bytes a field included.
  package var listBytes: Int { end + (32 - Self.prefixBytes) * count }

  /// Appends a field.
  package mutating func append(_ name: String, _ value: String) {
    var (name, value) = (name, value)
    name.withUTF8 { name in
      value.withUTF8 { append(name: UnsafeRawBufferPointer(name), value: .init($0)) }
    }
  }

  /// Appends a field whose value is not text.
  package mutating func append(_ name: String, bytes value: [UInt8]) {
    var name = name
    name.withUTF8 { name in
      value.withUnsafeBytes { append(name: UnsafeRawBufferPointer(name), value: $0) }
    }
  }

  /// Appends a field.
  package mutating func append(name: RawSpan, value: RawSpan) {
    name.withUnsafeBytes { name in value.withUnsafeBytes { append(name: name, value: $0) } }
  }

  /// Appends all fields of another list.
  package mutating func append(contentsOf other: HeaderFields) {
    makeRoom(for: other.end)
    bytes.append(contentsOf: other.bytes[..<other.end])
    end += other.end
    count += other.count
  }

  mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let (nameCount, valueCount) = (name.count, value.count)
    let next = end + Self.prefixBytes + nameCount + valueCount
    let prefix = UInt64(UInt32(nameCount)) | UInt64(UInt32(valueCount)) << 32
    if next <= bytes.count {
      // A list that is filled again and again, as that of a session, comes here.
      // `end` is never behind `next`, so all of it lies within the array.
      let start = end
      bytes.withUnsafeMutableBytes { bytes in
        guard let field = bytes.baseAddress.map({ $0 + start }) else { return }
        field.storeBytes(of: prefix, as: UInt64.self)
        let text = field + Self.prefixBytes
        if let name = name.baseAddress { text.copyMemory(from: name, byteCount: nameCount) }
        if let value = value.baseAddress {
          (text + nameCount).copyMemory(from: value, byteCount: valueCount)
        }
      }
    } else {
      makeRoom(for: next - end)
      withUnsafeBytes(of: prefix) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: name)
      bytes.append(contentsOf: value)
    }
    end = next
    count += 1
  }

  /// An empty list with room for all of another one.
  package init(roomFor other: HeaderFields) { bytes.reserveCapacity(other.end) }

  /// Cuts the block behind the fields, and reserves room for so many bytes more.
  private mutating func makeRoom(for more: Int) {
    if bytes.count > end { bytes.removeLast(bytes.count - end) }
    if bytes.capacity < end + more {
      bytes.reserveCapacity(max(end + more, 2 * bytes.capacity))
    }
  }

  package mutating func removeAll() {
    end = 0
    count = 0
  }

  /// Calls `body` with each field in order; the spans are valid during the call.
  package func visit(_ body: (_ name: RawSpan, _ value: RawSpan) -> Void) {
    bytes.withUnsafeBytes { bytes in
      Self.visit(bytes, count) { name, value in body(name.bytes, value.bytes) }
    }
  }

  /// Calls `body` with the whole block, for `visit`.
  func withBlock<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
  }

  /// Calls `body` with where each of the `count` fields of a block lies.
  @inline(__always)
  static func visit(
    _ block: UnsafeRawBufferPointer, _ count: Int,
    _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    var start = 0
    for _ in 0..<count {
      let prefix = block.loadUnaligned(fromByteOffset: start, as: UInt64.self)
      let name = start + prefixBytes
      let value = name + Int(prefix & 0xFFFF_FFFF)
      start = value + Int(prefix >> 32)
      body(
        UnsafeRawBufferPointer(rebasing: block[name..<value]),
        UnsafeRawBufferPointer(rebasing: block[value..<start]))
    }
  }

  /// The first value of a field as text, nil when the field is absent.
  package func first(_ name: String) -> String? {
    var found: String?
    visit { key, value in
      guard found == nil, key.byteCount == name.utf8.count,
        key.withUnsafeBytes({ $0.elementsEqual(name.utf8) })
      else { return }
      found = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
    return found
  }
}

extension HeaderFields: Equatable {
  package static func == (left: HeaderFields, right: HeaderFields) -> Bool {
    left.count == right.count
      && left.bytes.prefix(left.end) == right.bytes.prefix(right.end)
  }
}
