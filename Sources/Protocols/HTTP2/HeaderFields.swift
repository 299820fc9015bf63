/// A list of header fields in one block of bytes; names are lower-case.
package struct HeaderFields: Sendable, Equatable {
  private struct Ends: Sendable, Equatable {
    var name: Int
    var value: Int
  }

  private(set) var bytes: [UInt8] = []
  private var ends: [Ends] = []

  package init() {}

  /// Builds a list of fields, for constants.
  package init(_ fields: KeyValuePairs<String, String>) {
    for (name, value) in fields { append(name, value) }
  }

  package var count: Int { ends.count }
  package var isEmpty: Bool { ends.isEmpty }

  /// The size as HTTP/2 counts it, 32 bytes a field included.
  package var listBytes: Int { bytes.count + 32 * ends.count }

  /// Appends a field.
  package mutating func append(_ name: String, _ value: String) {
    bytes.append(contentsOf: name.utf8)
    let nameEnd = bytes.count
    bytes.append(contentsOf: value.utf8)
    ends.append(Ends(name: nameEnd, value: bytes.count))
  }

  /// Appends a field whose value is not text.
  package mutating func append(_ name: String, bytes value: some Sequence<UInt8>) {
    bytes.append(contentsOf: name.utf8)
    let nameEnd = bytes.count
    bytes.append(contentsOf: value)
    ends.append(Ends(name: nameEnd, value: bytes.count))
  }

  /// Appends all fields of another list.
  package mutating func append(contentsOf other: HeaderFields) {
    let base = bytes.count
    bytes.append(contentsOf: other.bytes)
    for end in other.ends { ends.append(Ends(name: base + end.name, value: base + end.value)) }
  }

  mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: name)
    let nameEnd = bytes.count
    bytes.append(contentsOf: value)
    ends.append(Ends(name: nameEnd, value: bytes.count))
  }

  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with each field in order; the spans are valid during the call.
  package func visit(_ body: (_ name: RawSpan, _ value: RawSpan) -> Void) {
    let span = bytes.span.bytes
    var start = 0
    for end in ends {
      body(span.extracting(start..<end.name), span.extracting(end.name..<end.value))
      start = end.value
    }
  }

  /// The range of a field's name and value in `bytes`.
  func ranges(at index: Int) -> (name: Range<Int>, value: Range<Int>) {
    let start = index == 0 ? 0 : ends[index - 1].value
    return (start..<ends[index].name, ends[index].name..<ends[index].value)
  }

  /// The first value of a field as text, nil when the field is absent.
  package func first(_ name: String) -> String? {
    for index in 0..<count {
      let (nameRange, valueRange) = ranges(at: index)
      if bytes[nameRange].elementsEqual(name.utf8) {
        return String(decoding: bytes[valueRange], as: UTF8.self)
      }
    }
    return nil
  }
}
