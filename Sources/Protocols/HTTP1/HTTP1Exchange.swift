package import Reactor

/// One request and the answer to it; it is used on its connection's loop only.
///
/// The handler answers with `respond`, or with `begin`, `write` and `finish`, now or later. An
/// exchange whose connection has gone takes everything and sends nothing.
// @unchecked: every method checks that it is called on the connection's loop.
package final class HTTP1Exchange: @unchecked Sendable {
  private enum Phase {
    case open
    case streaming(isChunked: Bool)
    case ended
  }

  /// What was asked.
  package let request: HTTP1Request
  /// The loop on which every method must be called.
  package let loop: EventLoop
  /// Called once when the connection goes before `finish`.
  package var onAbandon: (() -> Void)?
  /// Called each time the connection can be written to again after `isWritable` was false.
  package var onDrain: (() -> Void)?
  private weak var connection: HTTP1Connection?
  private var phase = Phase.open

  init(_ request: HTTP1Request, loop: EventLoop, connection: HTTP1Connection) {
    self.request = request
    self.loop = loop
    self.connection = connection
  }

  /// False while the peer takes no more: wait for `onDrain` before writing on.
  package var isWritable: Bool { connection?.isWritable ?? true }

  /// False once the answer is finished or the connection has gone.
  package var isOpen: Bool {
    if case .ended = phase { return false }
    return connection != nil
  }

  /// Answers in one piece.
  package func respond(status: Int, headers: [HeaderField] = [], body: [UInt8] = []) {
    loop.checkIsolated()
    guard case .open = phase else { return }
    phase = .ended
    let keepsAlive = request.keepsAlive
    connection?.write(
      ResponseHead.encode(
        status: status, headers: headers, framing: .length(body.count), keepsAlive: keepsAlive))
    if request.method != "HEAD" { connection?.write(body) }
    connection?.exchangeEnded(keepsAlive: keepsAlive)
  }

  /// Begins an answer of unknown length: chunked, or until the connection closes for HTTP/1.0.
  package func begin(status: Int, headers: [HeaderField] = []) {
    loop.checkIsolated()
    guard case .open = phase else { return }
    let isChunked = request.minorVersion == 1
    phase = .streaming(isChunked: isChunked)
    connection?.write(
      ResponseHead.encode(
        status: status, headers: headers, framing: isChunked ? .chunked : .untilClose,
        keepsAlive: isChunked && request.keepsAlive))
    connection?.flush()
  }

  /// Sends one piece of the body after `begin`.
  package func write(_ bytes: [UInt8]) {
    loop.checkIsolated()
    guard case .streaming(let isChunked) = phase, !bytes.isEmpty, request.method != "HEAD" else {
      return
    }
    if isChunked {
      connection?.write(Array(String(bytes.count, radix: 16).utf8) + [13, 10] + bytes + [13, 10])
    } else {
      connection?.write(bytes)
    }
    connection?.flush()
  }

  /// Ends an answer that `begin` began; `closing` closes the connection behind it.
  package func finish(closing: Bool = false) {
    loop.checkIsolated()
    guard case .streaming(let isChunked) = phase else { return }
    phase = .ended
    if isChunked, request.method != "HEAD" { connection?.write(Array("0\r\n\r\n".utf8)) }
    connection?.exchangeEnded(keepsAlive: isChunked && request.keepsAlive && !closing)
  }

  /// Sends a piece and suspends while the peer takes no more; callable from any task.
  ///
  /// Throws `CancellationError` when the connection has gone.
  package func send(_ bytes: [UInt8]) async throws {
    try await withCheckedThrowingContinuation { continuation in
      loop.perform { self.send(bytes, continuation) }
    }
  }

  private func send(_ bytes: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
    guard isOpen else { return continuation.resume(throwing: CancellationError()) }
    write(bytes)
    guard isOpen else { return continuation.resume(throwing: CancellationError()) }
    if isWritable { return continuation.resume() }
    onDrain = { [unowned self] in
      (onDrain, onAbandon) = (nil, nil)
      continuation.resume()
    }
    onAbandon = { [unowned self] in
      (onDrain, onAbandon) = (nil, nil)
      continuation.resume(throwing: CancellationError())
    }
  }

  /// Breaks the connection off, in the middle of the answer if need be.
  package func abort() {
    loop.checkIsolated()
    phase = .ended
    connection?.abort()
  }

  func abandoned() {
    phase = .ended
    let callback = onAbandon
    (onAbandon, onDrain) = (nil, nil)
    callback?()
  }

  func drained() { onDrain?() }
}
