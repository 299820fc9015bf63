import HTTP2
import Reactor

/// Records what happens on a stream, and can take bytes at once or leave them.
final class RecordingHandler: HTTP2StreamHandler {
  var stream: HTTP2Stream?
  var headers: [HeaderFields] = []
  var body: [UInt8] = []
  var trailers: HeaderFields?
  var hasEnded = false
  var isTooLarge = false
  var writableCalls = 0
  var closeCodes: [HTTP2ErrorCode] = []
  var takesData = true
  private var heldBytes = 0
  var onHeaders: ((HTTP2Stream, HeaderFields) -> Void)?
  var onEnd: ((HTTP2Stream) -> Void)?
  var onWritable: ((HTTP2Stream) -> Void)?

  func streamReceivedHeaders(_ fields: HeaderFields) {
    headers.append(fields)
    if let stream { onHeaders?(stream, fields) }
  }

  func streamReceivedData(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { body.append(contentsOf: $0) }
    if takesData { stream?.consume(bytes.byteCount) } else { heldBytes += bytes.byteCount }
  }

  /// Takes what was left, and everything from now on.
  func takeAll() {
    takesData = true
    stream?.consume(heldBytes)
    heldBytes = 0
  }

  func streamReceivedTrailers(_ fields: HeaderFields) { trailers = fields }

  func streamReceivedEnd() {
    hasEnded = true
    if let stream { onEnd?(stream) }
  }

  func streamHeadersTooLarge() { isTooLarge = true }
  func streamBecameWritable() {
    writableCalls += 1
    if let stream { onWritable?(stream) }
  }
  func streamClosed(_ code: HTTP2ErrorCode) { closeCodes.append(code) }
}

/// One side of a connection in memory.
final class Side: HTTP2SessionDelegate {
  private var created: HTTP2Session?
  var session: HTTP2Session { created! }
  var handlers: [RecordingHandler] = []
  var goAways: [HTTP2ErrorCode] = []
  var goodbyes: [String] = []
  var pingAnswers = 0
  var prepare: (RecordingHandler) -> Void = { _ in }

  init(
    _ role: HTTP2Session.Role, _ configuration: HTTP2Configuration = .init(),
    ledgers: HTTP2Ledgers? = nil, clock: @escaping () -> MonotonicTime = { .now() }
  ) throws {
    created = try HTTP2Session(
      role: role, configuration: configuration, ledgers: ledgers, clock: clock, delegate: self)
  }

  deinit { created?.close() }

  func sessionOpened(_ stream: HTTP2Stream) {
    let handler = RecordingHandler()
    handler.stream = stream
    handlers.append(handler)
    prepare(handler)
    stream.handler = handler
  }

  func sessionHasOutput() {}
  func sessionReceivedGoAway(_ code: HTTP2ErrorCode, _ reason: String) {
    goAways.append(code)
    goodbyes.append(reason)
  }
  func sessionReceivedPingAnswer() { pingAnswers += 1 }

  func output() throws -> [UInt8] { try pieces(65_536).flatMap { $0 } }

  /// All output, as it leaves when so many bytes are asked for at a time.
  func pieces(_ limit: Int) throws -> [[UInt8]] {
    var pieces: [[UInt8]] = [[]]
    while try !session.takeOutput(
      limit: limit,
      { span in span.withUnsafeBytes { pieces[pieces.count - 1].append(contentsOf: $0) } })
    {
      pieces.append([])
    }
    return pieces
  }

  /// Opens a stream whose events are recorded.
  func request(_ path: String = "/", header: (String, String)? = nil) throws -> RecordingHandler {
    var fields = HeaderFields([
      ":method": "POST", ":scheme": "http", ":path": path, ":authority": "test",
    ])
    if let header { fields.append(header.0, header.1) }
    let handler = RecordingHandler()
    handler.stream = try session.request(fields, handler: handler)
    return handler
  }
}

/// A client and a server back to back.
struct Pair {
  let client: Side
  let server: Side

  init(
    client: HTTP2Configuration = .init(), server: HTTP2Configuration = .init(),
    ledgers: HTTP2Ledgers? = nil, serverClock: ManualClock? = nil,
    prepare: @escaping (RecordingHandler) -> Void = { _ in }
  ) throws {
    self.client = try Side(.client, client)
    self.server = try Side(
      .server, server, ledgers: ledgers, clock: { serverClock?.time ?? .now() })
    self.server.prepare = prepare
  }

  /// Carries bytes both ways, in pieces, until neither side has any.
  func run(pieceBytes: Int = 65_536) throws {
    while true {
      let there = try client.output()
      try deliver(there, to: server, pieceBytes)
      let back = try server.output()
      try deliver(back, to: client, pieceBytes)
      if there.isEmpty, back.isEmpty { return }
    }
  }

  /// Carries what waits on both sides now across, once.
  func carryOnce() throws {
    let (there, back) = (try client.output(), try server.output())
    try deliver(there, to: server, 65_536)
    try deliver(back, to: client, 65_536)
  }

  private func deliver(_ bytes: [UInt8], to side: Side, _ pieceBytes: Int) throws {
    var start = 0
    while start < bytes.count {
      let end = min(start + pieceBytes, bytes.count)
      try side.session.receive(Array(bytes[start..<end]).span.bytes)
      start = end
    }
  }
}

extension HeaderFields {
  static let ok = HeaderFields([":status": "200", "content-type": "test/plain"])
}
