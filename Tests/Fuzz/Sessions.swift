import HTTP2
import Reactor

/// Feeds a server session arbitrary bytes behind a whole preface, cut where the input says.
@Sendable func fuzzServerSession(_ input: UnsafeRawBufferPointer) {
  let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
  feed(Peer(.server), preface, input)
}

/// Feeds a client session with open requests arbitrary bytes behind the server's SETTINGS.
@Sendable func fuzzClientSession(_ input: UnsafeRawBufferPointer) {
  let peer = Peer(.client)
  for _ in 0..<3 { peer.request() }
  feed(peer, [0, 0, 0, 4, 0, 0, 0, 0, 0], input)
}

private func feed(_ peer: Peer, _ start: [UInt8], _ input: UnsafeRawBufferPointer) {
  guard let first = input.first else { return }
  // Where bytes are cut must not matter.
  let step = max(1, Int(first))
  guard peer.receive(start[...]) else { return }
  var rest = Array(input.dropFirst())[...]
  while !rest.isEmpty {
    guard peer.receive(rest.prefix(step)) else { return }
    rest = rest.dropFirst(step)
  }
}

/// One side of a connection whose handlers do a little of everything.
private final class Peer: HTTP2SessionDelegate {
  private var session: HTTP2Session?
  private var handlers: [Handler] = []

  init(_ role: HTTP2Session.Role) {
    session = try? HTTP2Session(role: role, configuration: HTTP2Configuration(), delegate: self)
  }

  deinit { session?.close() }

  func request() {
    let handler = Handler(isServer: false)
    let fields = HeaderFields([
      ":method": "POST", ":scheme": "http", ":path": "/a/b", ":authority": "t",
    ])
    handler.stream = try? session?.request(fields, handler: handler)
    handler.stream?.send(OutboundChunk(body: [UInt8](repeating: 1, count: 100)))
    handlers.append(handler)
  }

  /// False once the session is over.
  func receive(_ bytes: ArraySlice<UInt8>) -> Bool {
    do {
      try Array(bytes).withUnsafeBytes { try session?.receive($0.bytes) }
      var isEmpty = false
      while !isEmpty {
        isEmpty = try session?.takeOutput(limit: 65_536) { _ in } ?? true
      }
      return session?.isFinished == false
    } catch { return false }
  }

  func sessionOpened(_ stream: HTTP2Stream) {
    let handler = Handler(isServer: true)
    handler.stream = stream
    stream.handler = handler
  }

  func sessionHasOutput() {}
  func sessionReceivedGoAway(_ code: HTTP2ErrorCode, _ reason: String) {}
  func sessionReceivedPingAnswer() {}
}

private final class Handler: HTTP2StreamHandler {
  private static let answer = HeaderFields([":status": "200"])
  var stream: HTTP2Stream?
  private let isServer: Bool
  private var received = 0

  init(isServer: Bool) { self.isServer = isServer }

  func streamReceivedHeaders(_ fields: HeaderFields) {
    guard isServer, let stream else { return }
    // Some answer at once, some at the end, some are reset.
    switch stream.id % 7 {
    case 1: stream.respond(Self.answer, endsStream: true)
    case 3: stream.respond(Self.answer, endsStream: false)
    case 5: stream.reset(.cancel)
    default: break
    }
  }

  func streamReceivedData(_ bytes: RawSpan) {
    received += bytes.byteCount
    if received % 3 != 0 { stream?.consume(bytes.byteCount) }
    if isServer { stream?.send(OutboundChunk(body: [1, 2, 3])) }
  }

  func streamReceivedTrailers(_ fields: HeaderFields) {}

  func streamReceivedEnd() {
    guard isServer else { return }
    stream?.finish(trailers: HeaderFields(["grpc-status": "0"]))
  }

  func streamHeadersTooLarge() { stream?.reset(.cancel) }
  func streamBecameWritable() {}

  func streamClosed(_ code: HTTP2ErrorCode) { stream = nil }
}
