import HTTP2

/// Cuts a body into messages: a flag byte, a big-endian length of four bytes, the message.
///
/// A few messages wait cut; what comes behind them waits as bytes, so that no flood of tiny
/// messages takes more memory than the window that the peer was given.
struct MessageDeframer {
  /// A message as it crossed the wire.
  struct Frame: Equatable {
    let bytes: [UInt8]
    let isCompressed: Bool

    var wireBytes: Int { bytes.count + MessageDeframer.prefixBytes }
  }

  static let prefixBytes = 5
  private static let firstReserveBytes = 65_536
  private static let maxWaiting = 16

  let maxMessageBytes: Int
  /// What the call said its compressed messages are.
  var compression = Compression.identity
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var body: [UInt8] = []
  private var missingBytes = 0
  /// The first message that was not taken; those after it are in `rest`.
  private var first: Frame?
  private var rest: [Frame] = []
  private var taken = 0
  /// What has come while enough messages waited.
  private var uncut: [UInt8] = []
  private var uncutStart = 0
  private var cutBytes = 0
  private var failure: RPCError?
  /// Messages that were cut so far, taken or not.
  private(set) var messageCount = 0

  init(maxMessageBytes: Int) {
    self.maxMessageBytes = maxMessageBytes
  }

  /// Bytes in memory of messages, whole or not, that were not taken.
  var heldBytes: Int { cutBytes + uncut.count - uncutStart }

  /// Whether the body, if it ends here, was cut in the middle of a message; once all before it
  /// was taken, when many wait.
  var isInsideMessage: Bool { prefixCount > 0 && uncut.isEmpty }

  /// What is known of a message before it is taken.
  struct Announced: Equatable {
    let byteCount: Int
    let receivedBytes: Int
    let isCompressed: Bool

    var isWhole: Bool { receivedBytes == byteCount }
  }

  /// The next message, whole or not; nil before its prefix has come.
  var announced: Announced? {
    if let first {
      return Announced(
        byteCount: first.bytes.count, receivedBytes: first.bytes.count,
        isCompressed: first.isCompressed)
    }
    guard prefixCount == Self.prefixBytes else { return nil }
    return Announced(
      byteCount: Int(prefix & 0xFFFF_FFFF), receivedBytes: body.count,
      isCompressed: prefix >> 32 == 1)
  }

  /// The next whole message, nil when there is none.
  ///
  /// - Throws: `RPCError` as `push`, for a message that had to wait uncut.
  mutating func next() throws(RPCError) -> Frame? {
    guard let frame = first else {
      if let failure { throw failure }
      return nil
    }
    first = nil
    cutBytes -= frame.bytes.count
    if taken < rest.count { advance() } else if !uncut.isEmpty { refill() }
    return frame
  }

  private mutating func advance() {
    first = rest[taken]
    taken += 1
    guard taken == rest.count else { return }
    rest.removeAll(keepingCapacity: true)
    taken = 0
  }

  private mutating func refill() {
    let bytes = uncut
    uncut = []
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[uncutStart...]
      uncutStart = 0
      failure = cut(&rest)
      if failure == nil, !rest.isEmpty { uncutStart = bytes.count - rest.count }
    }
    if uncutStart > 0 { uncut = bytes }
  }

  /// Takes bytes of the body.
  ///
  /// - Throws: `RPCError` when a message is too large, or compressed although nothing said so.
  mutating func push(_ bytes: RawSpan) throws(RPCError) {
    if let failure { throw failure }
    var problem: RPCError?
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      if uncut.isEmpty { problem = cut(&rest) }
      if problem == nil, !rest.isEmpty { keep(rest) }
    }
    if let problem { throw problem }
  }

  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
    if uncutStart > uncut.count / 2 {
      uncut.removeFirst(uncutStart)
      uncutStart = 0
    }
    uncut.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes))
  }

  /// Cuts messages until enough of them wait.
  private mutating func cut(_ bytes: inout Slice<UnsafeRawBufferPointer>) -> RPCError? {
    while !bytes.isEmpty, rest.count - taken < Self.maxWaiting {
      if let problem = step(&bytes) { return problem }
    }
    return nil
  }

  private mutating func step(_ rest: inout Slice<UnsafeRawBufferPointer>) -> RPCError? {
    if prefixCount == 0, rest.count >= Self.prefixBytes {
      takePrefix(&rest)
      if let problem = beginMessage(available: rest.count) { return problem }
    }
    while prefixCount < Self.prefixBytes {
      guard let byte = rest.popFirst() else { return nil }
      prefix = prefix << 8 | UInt64(byte)
      prefixCount += 1
      if prefixCount == Self.prefixBytes, let problem = beginMessage(available: rest.count) {
        return problem
      }
    }
    let amount = min(missingBytes, rest.count)
    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(amount))
    if body.isEmpty, amount == missingBytes {
      body = Array(copying: part)
    } else {
      body.append(contentsOf: part)
    }
    rest = rest.dropFirst(amount)
    missingBytes -= amount
    cutBytes += amount
    if missingBytes == 0 { endMessage() }
    return nil
  }

  /// Takes a prefix at once, as nearly all of them come.
  private mutating func takePrefix(_ rest: inout Slice<UnsafeRawBufferPointer>) {
    let start = rest.startIndex
    let length = rest.base.loadUnaligned(fromByteOffset: start + 1, as: UInt32.self)
    prefix = UInt64(rest[start]) << 32 | UInt64(UInt32(bigEndian: length))
    prefixCount = Self.prefixBytes
    rest = rest.dropFirst(Self.prefixBytes)
  }

  private mutating func beginMessage(available: Int) -> RPCError? {
    let length = Int(prefix & 0xFFFF_FFFF)
    switch prefix >> 32 {
    case 0: break
    case 1 where compression != .identity: break
    case 1:
      return RPCError(
        .internalError, "the message is compressed, but the call named no compression")
    default: return RPCError(.internalError, "the message has an unknown flag")
    }
    guard length <= maxMessageBytes else {
      return RPCError(
        .resourceExhausted,
        "the message has \(length) bytes, the limit is \(maxMessageBytes)")
    }
    missingBytes = length
    if available < length {
      body.reserveCapacity(min(length, max(available, Self.firstReserveBytes)))
    }
    return nil
  }

  private mutating func endMessage() {
    let frame = Frame(bytes: body, isCompressed: prefix >> 32 == 1)
    if first == nil { first = frame } else { rest.append(frame) }
    messageCount += 1
    body = []
    prefix = 0
    prefixCount = 0
  }
}

extension [UInt8] {
  /// A copy of bytes; `Array.init` looks up its generic type at run time, this does not.
  init(copying bytes: UnsafeRawBufferPointer) {
    self = []
    reserveCapacity(bytes.count)
    append(contentsOf: bytes)
  }
}

extension OutboundChunk {
  /// A message with its prefix.
  init(message: [UInt8], isCompressed: Bool = false) {
    let length = UInt64(UInt32(truncatingIfNeeded: message.count)) << 24
    self.init(
      head: length | (isCompressed ? 1 << 56 : 0), headCount: MessageDeframer.prefixBytes,
      body: message)
  }
}
