/// Reads requests out of a byte stream: a pure state machine (RFC 9112), strict where leniency
/// lets requests be smuggled.
///
/// Bodies need a Content-Length; a transfer coding is answered with 411. A bare LF, obsolete
/// folding, white space before a colon, contradicting lengths and control characters are refused.
package struct RequestParser {
  private enum State {
    case head
    case body(HTTP1Request, bytes: Int)
    case failed(HTTP1Refusal)
  }

  private let limits: HTTP1Limits
  private var state = State.head
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0

  /// Makes a parser at the start of a connection.
  package init(limits: HTTP1Limits = HTTP1Limits()) {
    self.limits = limits
  }

  /// Bytes that have arrived and belong to no returned request yet.
  package var bufferedBytes: Int { buffer.count - start }

  /// The head of the request whose body is awaited, when it asked for "100 Continue".
  package private(set) var awaitsContinue = false

  /// Takes bytes; `next` tells what they make.
  package mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
  }

  /// Notes that "100 Continue" was sent.
  package mutating func didContinue() { awaitsContinue = false }

  /// The next whole request; nil until more bytes come. After a refusal it refuses for ever.
  package mutating func next() throws(HTTP1Refusal) -> HTTP1Request? {
    do {
      return try advance()
    } catch {
      state = .failed(error)
      buffer = []
      (start, scanned) = (0, 0)
      throw error
    }
  }

  private mutating func advance() throws(HTTP1Refusal) -> HTTP1Request? {
    switch state {
    case .failed(let refusal):
      throw refusal
    case .body(let request, let bytes):
      return takeBody(of: request, bytes: bytes)
    case .head:
      skipEmptyLines()
      guard let end = try findHeadEnd() else { return nil }
      var head = try HeadReader(
        lines: Self.lines(buffer[start..<end - 4]), limits: limits
      ).read()
      consume(end - start)
      let bytes = try RequestFraming(head, limits: limits).bodyBytes
      head.keepsAlive = RequestFraming.keepsAlive(head)
      awaitsContinue = bytes > 0 && head.header("expect") != nil
      state = .body(head, bytes: bytes)
      return takeBody(of: head, bytes: bytes)
    }
  }

  private mutating func takeBody(of request: HTTP1Request, bytes: Int) -> HTTP1Request? {
    guard bufferedBytes >= bytes else { return nil }
    var request = request
    request.body = Array(buffer[start..<start + bytes])
    consume(bytes)
    awaitsContinue = false
    state = .head
    return request
  }

  private mutating func consume(_ count: Int) {
    start += count
    scanned = start
    guard start == buffer.count || start > 65_536 else { return }
    buffer.removeFirst(start)
    (start, scanned) = (0, 0)
  }

  /// RFC 9112, 2.2: empty lines before a request line are ignored.
  private mutating func skipEmptyLines() {
    while bufferedBytes >= 2, buffer[start] == 13, buffer[start + 1] == 10 { consume(2) }
  }

  private mutating func findHeadEnd() throws(HTTP1Refusal) -> Int? {
    var index = max(scanned, start + 3)
    while index < buffer.count {
      if buffer[index] == 10, buffer[index - 1] == 13, buffer[index - 2] == 10,
        buffer[index - 3] == 13
      {
        try checkLength(index + 1 - start)
        return index + 1
      }
      index += 1
    }
    scanned = max(start + 3, buffer.count)
    try checkLength(bufferedBytes)
    return nil
  }

  private func checkLength(_ bytes: Int) throws(HTTP1Refusal) {
    let line = buffer[start...].prefix(limits.requestLineBytes + 2)
    if line.count > limits.requestLineBytes, !line.contains(10) {
      throw HTTP1Refusal(414, "the request line exceeds \(limits.requestLineBytes) bytes")
    }
    // Binary garbage need not run into the length limit first.
    if let first = buffer[start...].first, !HeadReader.isToken(first),
      bufferedBytes > 1 || first != 13
    {
      throw HTTP1Refusal(400, "the request line does not begin with a method")
    }
    guard bytes <= limits.headBytes else {
      throw HTTP1Refusal(431, "the header exceeds \(limits.headBytes) bytes")
    }
  }

  private static func lines(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var from = head.startIndex
    var index = from
    while index + 1 < head.endIndex {
      if head[index] == 13, head[index + 1] == 10 {
        lines.append(head[from..<index])
        from = index + 2
        index = from
      } else {
        index += 1
      }
    }
    lines.append(head[from...])
    return lines
  }
}
