import CHiredis
import Glibc
import Reactor

/// hiredis's connection, driven by a loop.
///
/// What hiredis calls back only takes notes; they are handed over when hiredis has returned, so
/// that nobody enters it again from inside, nor frees it there. It is used on its loop alone.
final class AsyncContext {
  /// What has come.
  enum Event {
    /// The socket is connected.
    case connected
    /// The answer of the oldest command that had none.
    case answered(id: UInt64, RedisValue)
    /// The server takes a subscription to a channel, not for the first time perhaps.
    case confirmed(channel: [UInt8])
    /// Somebody published on a channel.
    case message(channel: [UInt8], payload: [UInt8])
    /// Nothing comes any more.
    case ended(RedisError)
  }

  private let loop: EventLoop
  private let handler: (Event) -> Void
  /// Nil once hiredis has freed it.
  private var context: UnsafeMutablePointer<redisAsyncContext>?
  private let replyGuard: ReplyGuard
  private var watch: Watch?
  private var interest: Interest = []
  private var isConnected = false
  private var isFlushDue = false
  private var isInside = false
  private var notes: [Event] = []
  /// Bytes of commands since the socket last took everything.
  private(set) var unsentCount = 0

  /// Commands whose answers have not begun to come.
  var awaitedCount: Int { replyGuard.awaited }

  /// Begins to connect; on the loop.
  ///
  /// - Throws: `RedisError` when that fails at once.
  init(
    to address: SocketAddress, _ configuration: RedisConfiguration, loop: EventLoop,
    _ handler: @escaping (Event) -> Void
  ) throws(RedisError) {
    Self.blockBrokenPipes()
    guard let context = Self.connect(address) else {
      throw RedisError(.connection, "hiredis has no memory for a connection")
    }
    guard context.pointee.err == 0, let reader = context.pointee.c.reader else {
      let error = Self.failure(of: context)
      redisAsyncFree(context)
      throw error
    }
    replyGuard = ReplyGuard(
      reader, maxBytes: configuration.maxReplyBytes, maxElements: configuration.maxReplyElements)
    self.context = context
    self.loop = loop
    self.handler = handler
    if address.port != nil { redisEnableKeepAlive(&context.pointee.c) }
    hook(context)
    watch(context)
  }

  deinit { free() }

  private static func connect(
    _ address: SocketAddress
  ) -> UnsafeMutablePointer<redisAsyncContext>? {
    // A numeric host, so that hiredis looks nothing up, which would block.
    if case .unix(let path) = address { return redisAsyncConnectUnix(path) }
    return redisAsyncConnect(address.numericHost ?? "", Int32(address.port ?? 0))
  }

  /// hiredis writes without MSG_NOSIGNAL: on a connection that was reset, the loop's thread would
  /// get a signal that ends the process.
  private static func blockBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  // MARK: Commands

  /// Sends a command with what else is sent in this turn; false when the context has ended.
  func send(_ command: RedisCommand, id: UInt64) -> Bool {
    let isSent = append(command.parts) { context, count, parts, lengths in
      redisAsyncCommandArgv(
        context, { AsyncContext.of($0)?.answered($1, $2) },
        UnsafeMutableRawPointer(bitPattern: UInt(id)), count, parts, lengths)
    }
    if isSent { replyGuard.expectAnswer() }
    return isSent
  }

  /// Subscribes to channels, or makes sure of it; a confirmation follows for each. Commands are no
  /// longer to be sent.
  func subscribe(_ channels: [String]) -> Bool {
    replyGuard.isSubscribed = true
    return append([Array("SUBSCRIBE".utf8)] + channels.map { Array($0.utf8) }) {
      context, count, parts, lengths in
      redisAsyncCommandArgv(
        context, { context, reply, _ in AsyncContext.of(context)?.published(reply) }, nil, count,
        parts, lengths)
    }
  }

  private func append(
    _ parts: [[UInt8]],
    _ body: (
      UnsafeMutablePointer<redisAsyncContext>, Int32, UnsafeMutablePointer<UnsafePointer<CChar>?>?,
      UnsafePointer<Int>
    ) -> Int32
  ) -> Bool {
    guard let context else { return false }
    let lengths = parts.map(\.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lengths.reduce(1, +))
    for part in parts { bytes += part }
    // An empty part needs an address too.
    bytes.append(0)
    let code = bytes.withUnsafeBytes { bytes in
      var offset = 0
      var starts = lengths.map { length in
        defer { offset += length }
        return bytes.baseAddress.map {
          UnsafePointer($0.assumingMemoryBound(to: CChar.self)) + offset
        }
      }
      return body(context, Int32(parts.count), &starts, lengths)
    }
    unsentCount += bytes.count
    return code == REDIS_OK
  }

  /// Ends the connection; nothing is handed over any more.
  func close() {
    notes = []
    free()
  }

  private func free() {
    watch?.cancel()
    watch = nil
    guard let context else { return }
    // hiredis calls back for what waits: nobody is there to hear it.
    context.pointee.data = nil
    context.pointee.ev.data = nil
    self.context = nil
    replyGuard.leave()
    redisAsyncFree(context)
  }

  // MARK: The loop

  private func watch(_ context: UnsafeMutablePointer<redisAsyncContext>) {
    do {
      interest = .write
      watch = try loop.watch(context.pointee.c.fd, interest) { [weak self] readiness in
        self?.ready(readiness)
      }
    } catch {
      notes.append(.ended(RedisError(.connection, error.message)))
      loop.atEndOfTurn(self)
    }
  }

  private func ready(_ readiness: Readiness) {
    if readiness.contains(.writable) || !isConnected { enter { redisAsyncHandleWrite($0) } }
    if isConnected, readiness != .writable {
      enter { redisAsyncHandleRead($0) }
      if replyGuard.isOverfull() { end(nil) }
    }
    settle()
  }

  private func enter(_ body: (UnsafeMutablePointer<redisAsyncContext>) -> Void) {
    guard let context else { return }
    isInside = true
    body(context)
    isInside = false
  }

  /// Hands over what hiredis has called back.
  private func settle() {
    watch?.update(interest)
    while !notes.isEmpty {
      let batch = notes
      notes = []
      for note in batch { handler(note) }
    }
  }

  /// The context has ended, or is to end now.
  private func end(_ own: RedisError?) {
    let error = replyGuard.refusal.map { RedisError(.connection, $0) } ?? own
    notes.append(.ended(error ?? RedisError(.connection, "the connection to Redis broke")))
    free()
  }

  private static func failure(of context: UnsafePointer<redisAsyncContext>) -> RedisError {
    var text = context.pointee.c.errstr
    let reason = withUnsafeBytes(of: &text) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    // An error that nobody asked for: the server says why it closes the connection.
    let word = reason.prefix { $0 != " " }
    if context.pointee.c.err == REDIS_ERR_OTHER, word.allSatisfy(\.isUppercase), word.count > 1 {
      return RedisError(server: reason)
    }
    return RedisError(.connection, reason.isEmpty ? "the connection to Redis broke" : reason)
  }
}

extension AsyncContext: EndOfTurn {
  /// All commands of a turn leave in one write.
  func endOfTurn() {
    isFlushDue = false
    if isConnected, interest.contains(.write) { enter { redisAsyncHandleWrite($0) } }
    settle()
  }
}

// MARK: - What hiredis calls

extension AsyncContext {
  private static func of(_ context: UnsafePointer<redisAsyncContext>?) -> AsyncContext? {
    of(hook: context?.pointee.data)
  }

  private static func of(hook data: UnsafeMutableRawPointer?) -> AsyncContext? {
    data.map { Unmanaged<AsyncContext>.fromOpaque($0).takeUnretainedValue() }
  }

  private func hook(_ context: UnsafeMutablePointer<redisAsyncContext>) {
    let own = Unmanaged.passUnretained(self).toOpaque()
    context.pointee.data = own
    context.pointee.ev.data = own
    context.pointee.ev.addRead = { AsyncContext.of(hook: $0)?.interest.insert(.read) }
    context.pointee.ev.delRead = { AsyncContext.of(hook: $0)?.interest.remove(.read) }
    context.pointee.ev.addWrite = { AsyncContext.of(hook: $0)?.wantsToWrite() }
    context.pointee.ev.delWrite = { AsyncContext.of(hook: $0)?.hasWritten() }
    context.pointee.ev.cleanup = { AsyncContext.of(hook: $0)?.cleanUp() }
    redisAsyncSetConnectCallback(context) { AsyncContext.of($0)?.connected($1) }
  }

  private func connected(_ status: Int32) {
    guard status == REDIS_OK else { return }
    isConnected = true
    notes.append(.connected)
  }

  private func wantsToWrite() {
    interest.insert(.write)
    guard isConnected, !isInside, !isFlushDue else { return }
    isFlushDue = true
    loop.atEndOfTurn(self)
  }

  private func hasWritten() {
    interest.remove(.write)
    unsentCount = 0
  }

  /// hiredis frees the context when this returns, and closes the socket.
  private func cleanUp() {
    guard let context else { return }
    watch?.cancel()
    watch = nil
    self.context = nil
    replyGuard.leave()
    end(Self.failure(of: context))
  }

  private func answered(_ reply: UnsafeMutableRawPointer?, _ id: UnsafeMutableRawPointer?) {
    // Without an answer the connection has ended, which is said once for all.
    guard let reply, let id else { return }
    let value = RedisValue(reply.assumingMemoryBound(to: redisReply.self).pointee)
    notes.append(.answered(id: UInt64(UInt(bitPattern: id)), value))
  }

  private func published(_ reply: UnsafeMutableRawPointer?) {
    guard let reply,
      case .array(let parts) = RedisValue(reply.assumingMemoryBound(to: redisReply.self).pointee),
      parts.count == 3, case .string(let channel) = parts[1]
    else { return }
    if case .string(let payload) = parts[2] {
      notes.append(.message(channel: channel, payload: payload))
    } else {
      notes.append(.confirmed(channel: channel))
    }
  }
}

extension RedisValue {
  /// Copies a reply, which hiredis frees; arrays are at most seven deep.
  fileprivate init(_ reply: redisReply) {
    switch reply.type {
    case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
    case REDIS_REPLY_STRING: self = .string(Self.bytes(of: reply))
    case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    case REDIS_REPLY_ERROR:
      self = .error(RedisError(server: String(decoding: Self.bytes(of: reply), as: UTF8.self)))
    case REDIS_REPLY_ARRAY:
      let elements = UnsafeBufferPointer(start: reply.element, count: reply.elements)
      self = .array(elements.map { $0.map { RedisValue($0.pointee) } ?? .null })
    default: self = .null
    }
  }

  private static func bytes(of reply: redisReply) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : reply.len))
  }
}
