/// A list of header fields in one block of bytes; names are lower-case.
package struct HeaderFields: Sendable {
  struct Ends: Sendable, Equatable {
    var name: Int
    var value: Int
  }

  /// Text of the fields up to `byteCount`; what is behind it is room.
  private var text: [UInt8] = []
  private var ends: [Ends] = []

  package init() {}

  /// Builds a list of fields, for constants.
  package init(_ fields: KeyValuePairs<String, String>) {
    for (name, value) in fields { append(name, value) }
  }

  package var count: Int { ends.count }
  package var isEmpty: Bool { ends.isEmpty }

  private var byteCount: Int { ends.last?.value ?? 0 }

  /// The size as HTTP/2 counts it, 32 bytes a field included.
  package var listBytes: Int { byteCount + 32 * ends.count }

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
    let start = byteCount
    other.withText { source, others in
      makeRoom(behind: start, for: source.count)
      text.append(contentsOf: source)
      for end in others { ends.append(Ends(name: start + end.name, value: start + end.value)) }
    }
  }

  mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let start = byteCount
    let nameEnd = start + name.count
    let end = nameEnd + value.count
    if end <= text.count {
      // A list that is filled again and again, as that of a session, comes here.
      text.withUnsafeMutableBytes { text in
        UnsafeMutableRawBufferPointer(rebasing: text[start..<nameEnd]).copyMemory(from: name)
        UnsafeMutableRawBufferPointer(rebasing: text[nameEnd..<end]).copyMemory(from: value)
      }
    } else {
      makeRoom(behind: start, for: end - start)
      text.append(contentsOf: name)
      text.append(contentsOf: value)
    }
    ends.append(Ends(name: nameEnd, value: end))
  }

  /// Ends the text at `start`, and reserves room for so many bytes behind it.
  private mutating func makeRoom(behind start: Int, for count: Int) {
    if text.count > start { text.removeLast(text.count - start) }
    if text.capacity < start + count {
      text.reserveCapacity(max(start + count, 2 * text.capacity))
    }
  }

  package mutating func removeAll() {
    ends.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with each field in order; the spans are valid during the call.
  package func visit(_ body: (_ name: RawSpan, _ value: RawSpan) -> Void) {
    let span = text.span.bytes
    var start = 0
    for end in ends {
      body(span.extracting(start..<end.name), span.extracting(end.name..<end.value))
      start = end.value
    }
  }

  /// Calls `body` with the text of all fields and where each of them ends in it.
  func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>, [Ends]) -> Result) -> Result {
    text.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<byteCount]), ends) }
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
    left.ends == right.ends
      && left.text.prefix(left.byteCount) == right.text.prefix(right.byteCount)
  }
}
