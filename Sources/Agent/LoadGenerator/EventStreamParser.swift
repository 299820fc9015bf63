/// Reads server-sent events out of a byte stream: a pure state machine.
///
/// Lines end in LF, CR or CRLF; a comment begins with a colon; the `data` lines of an event are
/// joined by LF; an empty line dispatches it; an event that the stream's end cuts off is dropped.
/// Only data matters here: names, ids and retry times are read over.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
package struct EventStreamParser: Sendable {
  /// An event or a line that exceeds the bound.
  package struct Overflow: Error, Sendable, Hashable {
    /// The bound.
    package let limitBytes: Int
  }

  private let limitBytes: Int
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var endedInReturn = false
  private var isFirstLine = true
  /// Lines that are no comment and no known field.
  package private(set) var strayLines = 0

  /// Makes a parser at the start of a stream.
  package init(limitBytes: Int = 1_048_576) {
    self.limitBytes = limitBytes
  }

  /// True when no event is under way.
  package var isAtBoundary: Bool { line.isEmpty && !hasData }

  /// Takes bytes and calls `onEvent` with the data of each event that they complete.
  ///
  /// The data is valid during the call. Throws `Overflow` on an event beyond the bound.
  package mutating func feed(
    _ bytes: RawSpan, onEvent: (UnsafeRawBufferPointer) -> Void
  ) throws(Overflow) {
    var position = 0
    while position < bytes.byteCount {
      if endedInReturn {
        endedInReturn = false
        if bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) == 10 {
          position += 1
          continue
        }
      }
      let end = Self.lineEnd(bytes, from: position)
      let isWhole = end < bytes.byteCount
      try bytes.extracting(position..<end).withUnsafeBytes { part throws(Overflow) in
        try take(part, isWhole: isWhole, onEvent: onEvent)
      }
      if isWhole { endedInReturn = bytes.unsafeLoad(fromByteOffset: end, as: UInt8.self) == 13 }
      position = end + 1
    }
  }

  private static func lineEnd(_ bytes: RawSpan, from start: Int) -> Int {
    bytes.withUnsafeBytes { buffer in
      var index = start
      while index < buffer.count, buffer[index] != 10, buffer[index] != 13 { index += 1 }
      return index
    }
  }

  private mutating func take(
    _ part: UnsafeRawBufferPointer, isWhole: Bool, onEvent: (UnsafeRawBufferPointer) -> Void
  ) throws(Overflow) {
    guard line.count + data.count + part.count <= limitBytes else {
      throw Overflow(limitBytes: limitBytes)
    }
    if isWhole, line.isEmpty { return endLine(part, onEvent) }
    line.append(contentsOf: part)
    guard isWhole else { return }
    var whole: [UInt8] = []
    swap(&whole, &line)
    whole.withUnsafeBytes { endLine($0, onEvent) }
    whole.removeAll(keepingCapacity: true)
    swap(&whole, &line)
  }

  private mutating func endLine(
    _ bytes: UnsafeRawBufferPointer, _ onEvent: (UnsafeRawBufferPointer) -> Void
  ) {
    var text = bytes[...]
    if isFirstLine {
      isFirstLine = false
      if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    }
    if text.isEmpty { return dispatch(onEvent) }
    let name = text.prefix { $0 != UInt8(ascii: ":") }
    var value = text[name.endIndex...].dropFirst()
    if value.first == 32 { value = value.dropFirst() }
    if name.elementsEqual("data".utf8) {
      if hasData { data.append(10) }
      hasData = true
      data.append(contentsOf: value)
    } else if !name.isEmpty, !Self.isKnown(name) {
      strayLines += 1
    }
  }

  private static func isKnown(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
    name.elementsEqual("event".utf8) || name.elementsEqual("id".utf8)
      || name.elementsEqual("retry".utf8)
  }

  private mutating func dispatch(_ onEvent: (UnsafeRawBufferPointer) -> Void) {
    guard hasData else { return }
    hasData = false
    data.withUnsafeBytes { onEvent($0) }
    data.removeAll(keepingCapacity: true)
  }
}
