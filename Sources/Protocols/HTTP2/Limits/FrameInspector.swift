import Reactor

/// Reads the head of every frame before nghttp2 gets it, and keeps an account of those that cost
/// the peer nothing.
///
/// nghttp2 reports no frame that it ignores, so a flood of them would go unseen. It looks at nine
/// bytes a frame and skips the rest.
struct FrameInspector {
  private static let headBytes = 9
  private static let prefaceBytes = 24
  private static let endStream: UInt8 = 1
  private static let acknowledgement: UInt8 = 1
  private static let padded: UInt8 = 8

  private let isServer: Bool
  private var skip: Int
  private var headCount = 0
  private var head: UInt64 = 0
  private var id: UInt32 = 0
  private var streams = PeerStreams()
  private let maxHeaderFrames: Int
  private var headerFrames = 0
  private var settings: Budget
  private var resets: Budget
  private var idle: Budget
  private var windowUpdates: Budget
  private var provoked: Budget
  private let clock: () -> MonotonicTime

  init(
    isServer: Bool, configuration: HTTP2Configuration, clock: @escaping () -> MonotonicTime
  ) {
    self.isServer = isServer
    self.clock = clock
    skip = isServer ? Self.prefaceBytes : 0
    maxHeaderFrames = configuration.maxHeaderFrames
    let now = clock()
    settings = Budget(configuration.settingsRate, now: now)
    resets = Budget(configuration.resetRate, now: now)
    idle = Budget(configuration.idleFrameRate, now: now)
    windowUpdates = Budget(configuration.windowUpdateRate, now: now)
    provoked = Budget(configuration.provokedResetRate, now: now)
  }

  /// Looks at bytes of the peer, cut anywhere.
  mutating func inspect(_ bytes: UnsafeRawBufferPointer) throws(ConnectionFault) {
    var offset = 0
    while offset < bytes.count {
      if skip > 0 {
        let step = min(skip, bytes.count - offset)
        skip -= step
        offset += step
      } else if headCount == 0, bytes.count - offset >= Self.headBytes {
        head = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) >> 24
        id = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 5, as: UInt32.self))
        offset += Self.headBytes
        try endHead()
      } else {
        try add(bytes[offset])
        offset += 1
      }
    }
  }

  private mutating func add(_ byte: UInt8) throws(ConnectionFault) {
    if headCount < 5 { head = head << 8 | UInt64(byte) } else { id = id << 8 | UInt32(byte) }
    headCount += 1
    if headCount == Self.headBytes { try endHead() }
  }

  private mutating func endHead() throws(ConnectionFault) {
    let length = Int(head >> 16)
    let (type, flags) = (UInt8(truncatingIfNeeded: head >> 8), UInt8(truncatingIfNeeded: head))
    headCount = 0
    head = 0
    skip = length
    try take(type, flags, Int32(bitPattern: id & 0x7FFF_FFFF), length)
  }

  private mutating func take(
    _ type: UInt8, _ flags: UInt8, _ id: Int32, _ length: Int
  ) throws(ConnectionFault) {
    let ends = flags & Self.endStream != 0
    switch type {
    case 0:
      if isServer, let fault = streams.data(id, ends: ends) { throw fault }
      let isEmpty = length == 0 || (flags & Self.padded != 0 && length <= 256)
      if isEmpty, !ends { try Self.spend(&idle, clock, "too many frames without content") }
    case 1:
      headerFrames = 1
      if isServer {
        if let fault = streams.headers(id, ends: ends) { throw fault }
        // Clients open windows with each call, whatever its answer will be.
        windowUpdates.earn(4)
      }
    case 3:
      streams.reset(id)
      try Self.spend(&resets, clock, "too many streams were reset")
    case 4 where flags & Self.acknowledgement == 0:
      try Self.spend(&settings, clock, "too many SETTINGS")
    case 6 where flags & Self.acknowledgement == 0:
      // Keepalive rules count these.
      break
    case 8:
      try Self.spend(&windowUpdates, clock, "too many WINDOW_UPDATE")
    case 9:
      headerFrames += 1
      if headerFrames > maxHeaderFrames { throw .calm("a header block has too many frames") }
      try Self.spend(&idle, clock, "too many frames without content")
    default:
      try Self.spend(&idle, clock, "too many frames without content")
    }
  }

  private static func spend(
    _ budget: inout Budget, _ clock: () -> MonotonicTime, _ message: String
  ) throws(ConnectionFault) {
    if !budget.spend(clock) { throw .calm(message) }
  }

  /// We have sent a frame of data, which the peer answers by opening its windows.
  mutating func sentData() { windowUpdates.earn(4) }

  /// We have sent a PING, which the peer answers.
  mutating func sentPing() { idle.earn(1) }

  /// We have reset a stream; `isOurs` when it was not the library, for a mistake of the peer.
  ///
  /// The library forgets a stream that the peer has reset too, and then the code tells.
  mutating func sentReset(
    _ id: Int32, _ code: HTTP2ErrorCode, isOurs: Bool
  ) throws(ConnectionFault) {
    streams.cut(id)
    switch code {
    case .refusedStream:
      if !resets.spend(clock) { throw .calm("too many streams had to be refused") }
    case .noError, .cancel: break
    default:
      if isOurs { return }
      if !provoked.spend(clock) { throw .calm("too many mistakes that end a stream") }
    }
  }
}
