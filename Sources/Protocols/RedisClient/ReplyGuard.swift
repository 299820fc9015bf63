import CHiredis

/// Stands between hiredis's reader and its makers of replies.
///
/// hiredis 0.14 ends the process by an assertion when a server sends an answer that nobody asked
/// for, or a message of another form than a subscriber's; and it makes arrays of any size that a
/// server announces. All of that is refused here while it is read, which ends the connection.
// @unchecked: it is used on the loop of its connection alone, by whoever reads there.
final class ReplyGuard: @unchecked Sendable {
  /// Nil once hiredis frees it.
  private var reader: UnsafeMutablePointer<redisReader>?
  private let maxBytes: Int
  private let maxElements: Int
  /// Commands whose answers have not begun.
  private(set) var awaited = 0
  /// Whether messages of subscriptions come.
  var isSubscribed = false
  /// What was refused.
  private(set) var refusal: String?
  private var bytesLeft = 0
  private var elementsLeft = 0
  private var isMessage = false
  private var isConfirmation = false

  /// hiredis's own makers, the same for every reader.
  private static let own: redisReplyObjectFunctions = {
    let reader = redisReaderCreate()
    defer { redisReaderFree(reader) }
    return reader?.pointee.fn?.pointee ?? redisReplyObjectFunctions()
  }()

  // @unchecked: it is written once, before any reader sees it.
  private struct Table: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<redisReplyObjectFunctions>
  }

  private static let guarded: Table = {
    let table = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    table.initialize(
      to: redisReplyObjectFunctions(
        createString: { task, bytes, count in
          guard let task, ReplyGuard.admit(task, { $0.string(task.pointee, bytes, count) }) else {
            return nil
          }
          return ReplyGuard.own.createString(task, bytes, count)
        },
        createArray: { task, count in
          guard let task, ReplyGuard.admit(task, { $0.array(task.pointee, Int(count)) }) else {
            return nil
          }
          return ReplyGuard.own.createArray(task, count)
        },
        createInteger: { task, number in
          guard let task, ReplyGuard.admit(task, { $0.integer(task.pointee) }) else { return nil }
          return ReplyGuard.own.createInteger(task, number)
        },
        createNil: { task in
          guard let task, ReplyGuard.admit(task, { $0.null(task.pointee) }) else { return nil }
          return ReplyGuard.own.createNil(task)
        },
        freeObject: { ReplyGuard.own.freeObject($0) }))
    return Table(pointer: table)
  }()

  /// Guards a reader until `leave`, before which the guard must not go.
  init(
    _ reader: UnsafeMutablePointer<redisReader>, maxBytes: Int, maxElements: Int
  ) {
    self.reader = reader
    self.maxBytes = maxBytes
    self.maxElements = maxElements
    reader.pointee.fn = Self.guarded.pointer
    reader.pointee.privdata = Unmanaged.passUnretained(self).toOpaque()
  }

  /// The reader is about to be freed.
  func leave() { reader = nil }

  /// One more answer will come.
  func expectAnswer() { awaited += 1 }

  /// Whether what waits for the rest of an answer is too much; the connection is to be given up.
  func isOverfull() -> Bool {
    guard let reader, refusal == nil,
      reader.pointee.len - reader.pointee.pos > maxBytes + 64
    else { return false }
    refusal = tooLarge
    return true
  }

  private var tooLarge: String { "an answer of Redis is larger than \(maxBytes) bytes" }

  private static func admit(
    _ task: UnsafePointer<redisReadTask>, _ judge: (ReplyGuard) -> String?
  ) -> Bool {
    guard let data = task.pointee.privdata else { return false }
    let replyGuard = Unmanaged<ReplyGuard>.fromOpaque(data).takeUnretainedValue()
    if replyGuard.refusal == nil, let refusal = judge(replyGuard) { replyGuard.refuse(refusal) }
    return replyGuard.refusal == nil
  }

  /// The reader emits nothing more: it does not look at what makers of arrays return.
  private func refuse(_ reason: String) {
    refusal = reason
    reader?.pointee.err = REDIS_ERR_PROTOCOL
  }

  // MARK: What comes

  private func string(
    _ task: redisReadTask, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int
  ) -> String? {
    if task.parent == nil {
      let isError = task.type == REDIS_REPLY_ERROR
      if let refusal = begin(isError: isError) { return refusal }
      if isMessage { return Self.strange }
    }
    bytesLeft -= count
    guard bytesLeft >= 0 else { return tooLarge }
    guard isMessage else { return nil }
    guard task.type == REDIS_REPLY_STRING else { return Self.strange }
    if task.idx == 0 { return takeKind(UnsafeBufferPointer(start: bytes, count: count)) }
    return task.idx == 2 && isConfirmation ? Self.strange : nil
  }

  private func takeKind(_ kind: UnsafeBufferPointer<CChar>) -> String? {
    let word = String(decoding: UnsafeRawBufferPointer(kind), as: UTF8.self)
    isConfirmation = word == "subscribe"
    return isConfirmation || word == "message" ? nil : Self.strange
  }

  private func array(_ task: redisReadTask, _ count: Int) -> String? {
    if task.parent == nil {
      if let refusal = begin(isError: false) { return refusal }
      if isMessage, count != 3 { return Self.strange }
    } else if isMessage {
      return Self.strange
    }
    elementsLeft -= count
    return elementsLeft >= 0 ? nil : "an answer of Redis has more than \(maxElements) values"
  }

  private func integer(_ task: redisReadTask) -> String? {
    if task.parent == nil { return begin(isError: false) ?? (isMessage ? Self.strange : nil) }
    return isMessage && !(task.idx == 2 && isConfirmation) ? Self.strange : nil
  }

  private func null(_ task: redisReadTask) -> String? {
    if task.parent == nil { return begin(isError: false) ?? (isMessage ? Self.strange : nil) }
    return isMessage ? Self.strange : nil
  }

  /// A new answer begins. An error that nobody asked for is the server's last word, which hiredis
  /// knows how to take.
  private func begin(isError: Bool) -> String? {
    (bytesLeft, elementsLeft) = (maxBytes, maxElements)
    isMessage = false
    if awaited > 0 {
      awaited -= 1
      return nil
    }
    if isError { return nil }
    isMessage = isSubscribed
    return isSubscribed ? nil : "Redis answered what nobody had asked"
  }

  private static let strange = "Redis sent something that is no message of a subscription"
}
