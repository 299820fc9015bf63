/// Bytes to send: up to eight inline, then an array; so that a prefix costs no copy of a message.
package struct OutboundChunk: Sendable {
  /// The inline bytes, first byte highest.
  let head: UInt64
  let headCount: Int
  let body: [UInt8]

  /// A chunk of `headCount` bytes, which are the highest of `head`, and `body`.
  package init(head: UInt64 = 0, headCount: Int = 0, body: [UInt8]) {
    precondition((0...8).contains(headCount))
    self.head = head
    self.headCount = headCount
    self.body = body
  }

  package var count: Int { headCount + body.count }
}

/// What a stream has still to send, in order.
struct OutboundQueue {
  private var current: OutboundChunk?
  private var offset = 0
  private var rest: [OutboundChunk] = []
  private var restStart = 0
  private(set) var count = 0

  mutating func append(_ chunk: consuming OutboundChunk) {
    guard chunk.count > 0 else { return }
    count += chunk.count
    if current == nil { current = chunk } else { rest.append(chunk) }
  }

  mutating func removeAll() {
    self = OutboundQueue()
  }

  /// Moves as many bytes as fit into `buffer`; returns how many.
  mutating func move(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while filled < buffer.count, let chunk = current {
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let moved = Self.copy(chunk, from: offset, into: room)
      filled += moved
      offset += moved
      if offset == chunk.count { advance() }
    }
    count -= filled
    return filled
  }

  /// Passes the next `wanted` bytes to `sink` where they lie; there must be as many.
  mutating func pass(_ wanted: Int, to sink: (RawSpan) -> Void) {
    precondition(wanted <= count, "more was promised than is queued")
    count -= wanted
    var left = wanted
    while left > 0, let chunk = current {
      let passed = Self.pass(chunk, from: offset, atMost: left, to: sink)
      left -= passed
      offset += passed
      if offset == chunk.count { advance() }
    }
  }

  private static func pass(
    _ chunk: OutboundChunk, from start: Int, atMost wanted: Int, to sink: (RawSpan) -> Void
  ) -> Int {
    if start < chunk.headCount {
      let end = min(chunk.headCount, start + wanted)
      withUnsafeBytes(of: chunk.head.bigEndian) {
        sink(UnsafeRawBufferPointer(rebasing: $0[start..<end]).bytes)
      }
      return end - start
    }
    let bodyStart = start - chunk.headCount
    let end = min(chunk.body.count, bodyStart + wanted)
    chunk.body.withUnsafeBytes {
      sink(UnsafeRawBufferPointer(rebasing: $0[bodyStart..<end]).bytes)
    }
    return end - bodyStart
  }

  private mutating func advance() {
    offset = 0
    guard restStart < rest.count else {
      current = nil
      return
    }
    current = rest[restStart]
    rest[restStart] = OutboundChunk(body: [])
    restStart += 1
    if restStart == rest.count || restStart > 256 {
      rest.removeFirst(restStart)
      restStart = 0
    }
  }

  private static func copy(
    _ chunk: OutboundChunk, from start: Int, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    var filled = 0
    var offset = start
    while offset < chunk.headCount, filled < buffer.count {
      buffer[filled] = UInt8(truncatingIfNeeded: chunk.head >> UInt64(56 - 8 * offset))
      filled += 1
      offset += 1
    }
    guard offset >= chunk.headCount, filled < buffer.count else { return filled }
    let bodyStart = offset - chunk.headCount
    let amount = min(buffer.count - filled, chunk.body.count - bodyStart)
    chunk.body.withUnsafeBytes { body in
      let part = UnsafeRawBufferPointer(rebasing: body[bodyStart..<(bodyStart + amount)])
      UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: part)
    }
    return filled + amount
  }
}
