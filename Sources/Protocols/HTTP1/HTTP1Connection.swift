import Reactor

/// One connection: reads a request, waits for its answer, reads the next. Lives on one loop.
final class HTTP1Connection: SocketDelegate {
  private let socket: Socket
  private let configuration: HTTP1Server.Configuration
  private let handler: HTTP1Server.Handler
  private let onClose: (HTTP1Connection) -> Void
  private var parser: RequestParser
  private var exchange: HTTP1Exchange?
  private var timer: Timer?
  private var isDispatching = false
  private var isPaused = false
  /// Whether the next request waits for a turn of the loop.
  private var isPostponed = false
  private var isEnding = false

  init(
    _ socket: Socket, configuration: HTTP1Server.Configuration,
    handler: @escaping HTTP1Server.Handler, onClose: @escaping (HTTP1Connection) -> Void
  ) {
    self.socket = socket
    self.configuration = configuration
    self.handler = handler
    self.onClose = onClose
    parser = RequestParser(limits: configuration.limits)
  }

  func start() throws(ReactorError) {
    try socket.start(self)
    arm(configuration.idleTimeout)
  }

  // MARK: From the socket

  func socketReceived(_ bytes: RawSpan) {
    guard !isEnding else { return }
    if exchange == nil, parser.bufferedBytes == 0 { arm(configuration.requestTimeout) }
    parser.append(bytes)
    dispatch()
    // A peer that sends on while it has its answers to take, or others have their turn, is held by
    // TCP.
    let isBusy = exchange != nil || isPostponed || !socket.isWritable
    if isBusy, parser.bufferedBytes > configuration.limits.headBytes, !isPaused {
      isPaused = true
      socket.pauseReading()
    }
  }

  func socketDrained() {
    exchange?.drained()
    dispatch()
  }

  func socketClosed(_ closure: SocketClosure) {
    timer?.cancel()
    timer = nil
    let current = exchange
    exchange = nil
    current?.abandoned()
    onClose(self)
  }

  // MARK: From the exchange

  var isWritable: Bool { socket.isWritable }

  func write(_ bytes: [UInt8]) { socket.write(bytes) }

  func flush() { socket.flush() }

  func abort() { socket.close() }

  func exchangeEnded(keepsAlive: Bool) {
    exchange = nil
    guard keepsAlive else { return end() }
    socket.flush()
    arm(configuration.idleTimeout)
    dispatch()
  }

  /// Closes at once when idle, after the answer under way otherwise.
  func drain() {
    if exchange == nil { socket.close() }
  }

  // MARK: Requests

  /// Begins the next request, if it is there, its peer takes its answers, and it is its turn.
  private func dispatch() {
    // A handler that answers at once comes back here.
    guard !isDispatching, !isPostponed, exchange == nil, socket.isWritable else { return }
    guard !socket.isClosed, !isEnding else { return }
    isDispatching = true
    defer { isDispatching = false }
    do throws(HTTP1Refusal) {
      guard let request = try parser.next() else {
        resumeReading()
        return continueIfAsked()
      }
      handle(request)
    } catch {
      return refuse(error)
    }
    if exchange == nil { postpone() }
  }

  /// Lets a turn of the loop, and so every other connection, go before the next request.
  private func postpone() {
    isPostponed = true
    socket.loop.schedule(after: .zero) { [weak self] in
      self?.isPostponed = false
      self?.dispatch()
    }
  }

  private func resumeReading() {
    guard isPaused else { return }
    isPaused = false
    socket.resumeReading()
  }

  private func handle(_ request: HTTP1Request) {
    timer?.cancel()
    timer = nil
    let next = HTTP1Exchange(request, loop: socket.loop, connection: self)
    exchange = next
    handler(next)
  }

  private func continueIfAsked() {
    guard parser.awaitsContinue else { return }
    parser.didContinue()
    socket.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    socket.flush()
  }

  private func refuse(_ refusal: HTTP1Refusal) {
    let body = Array((refusal.message + "\n").utf8)
    socket.write(
      ResponseHead.encode(
        status: refusal.status, headers: [HeaderField("Content-Type", "text/plain")],
        framing: .length(body.count), keepsAlive: false))
    socket.write(body)
    end()
  }

  /// Sends what is buffered, then closes; a peer that does not take it is cut off.
  private func end() {
    isEnding = true
    timer?.cancel()
    timer = nil
    socket.closeAfterFlush(within: configuration.requestTimeout)
  }

  private func arm(_ timeout: Duration) {
    timer?.cancel()
    guard !socket.isClosed else {
      timer = nil
      return
    }
    timer = socket.loop.schedule(after: timeout) { [weak self] in self?.socket.close() }
  }
}
