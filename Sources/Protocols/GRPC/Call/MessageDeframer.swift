import HTTP2

/// Cuts a body into messages: a flag byte, a big-endian length of four bytes, the message.
struct MessageDeframer {
  static let prefixBytes = 5
  private static let firstReserveBytes = 65_536

  let maxMessageBytes: Int
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var body: [UInt8] = []
  private var missingBytes = 0
  /// The first message that was not taken; those after it are in `rest`.
  private var first: [UInt8]?
  private var rest: [[UInt8]] = []
  private var taken = 0
  /// Whole messages so far, taken or not.
  private(set) var messageCount = 0

  init(maxMessageBytes: Int) {
    self.maxMessageBytes = maxMessageBytes
  }

  /// Whether the body was cut in the middle of a message.
  var isInsideMessage: Bool { prefixCount > 0 }

  /// The next whole message.
  mutating func next() -> [UInt8]? {
    guard let message = first else { return nil }
    first = nil
    if taken < rest.count { advance() }
    return message
  }

  private mutating func advance() {
    first = rest[taken]
    rest[taken] = []
    taken += 1
    if taken == rest.count {
      rest.removeAll(keepingCapacity: true)
      taken = 0
    } else if taken >= 1024 {
      rest.removeFirst(taken)
      taken = 0
    }
  }

  /// Takes bytes of the body.
  ///
  /// - Throws: `RPCError` when a message is too large, or compressed although nothing said so.
  mutating func push(_ bytes: RawSpan) throws(RPCError) {
    var failure: RPCError?
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while failure == nil, !rest.isEmpty {
        failure = step(&rest)
      }
    }
    if let failure { throw failure }
  }

  private mutating func step(_ rest: inout Slice<UnsafeRawBufferPointer>) -> RPCError? {
    while prefixCount < Self.prefixBytes {
      guard let byte = rest.popFirst() else { return nil }
      prefix = prefix << 8 | UInt64(byte)
      prefixCount += 1
      if prefixCount == Self.prefixBytes, let failure = beginMessage(available: rest.count) {
        return failure
      }
    }
    let amount = min(missingBytes, rest.count)
    body.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest.prefix(amount)))
    rest = rest.dropFirst(amount)
    missingBytes -= amount
    if missingBytes == 0 { endMessage() }
    return nil
  }

  private mutating func beginMessage(available: Int) -> RPCError? {
    let length = Int(prefix & 0xFFFF_FFFF)
    switch prefix >> 32 {
    case 0: break
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
    body.reserveCapacity(min(length, max(available, Self.firstReserveBytes)))
    return nil
  }

  private mutating func endMessage() {
    if first == nil { first = body } else { rest.append(body) }
    messageCount += 1
    body = []
    prefix = 0
    prefixCount = 0
  }
}

extension OutboundChunk {
  /// A message with its prefix.
  init(message: [UInt8]) {
    self.init(
      head: UInt64(UInt32(truncatingIfNeeded: message.count)) << 24,
      headCount: MessageDeframer.prefixBytes, body: message)
  }
}
