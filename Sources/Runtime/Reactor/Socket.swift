import CLinux
import Glibc

/// Why a socket is closed.
package enum SocketClosure: Sendable, Equatable {
  /// The peer ended the stream.
  case endOfStream
  /// A system call failed.
  case failed(ReactorError)
  /// Our own side closed it.
  case local
}

/// What a socket tells its owner; every method is called on the socket's loop.
package protocol SocketDelegate: AnyObject {
  /// Bytes have arrived; they are valid during the call.
  func socketReceived(_ bytes: RawSpan)
  /// The write buffer has been emptied after it was blocked.
  func socketDrained()
  /// The socket is closed; called once, last.
  func socketClosed(_ closure: SocketClosure)
}

/// A non-blocking stream socket with a bounded write buffer; it is used on its loop only.
///
/// The bound is a signal, not a wall: `write` always takes the bytes, and `isWritable` says
/// whether the owner should stop until `socketDrained`.
package final class Socket {
  private static let readsPerEvent = 8

  /// How far our side has ended the connection.
  private enum Parting { case none, flushing, waiting }

  package let loop: EventLoop
  package let peer: SocketAddress?
  /// Buffered bytes at which `isWritable` turns false.
  package let writeLimitBytes: Int
  private let descriptor: Descriptor
  private var watch: Watch?
  private weak var delegate: (any SocketDelegate)?
  private var output: [UInt8] = []
  private var outputStart = 0
  private var isBlocked = false
  private var wantsRead = true
  private var parting = Parting.none
  /// Bytes that the kernel has taken.
  package private(set) var sentBytes = 0
  package private(set) var isClosed = false

  /// Takes over a connected, non-blocking descriptor.
  package init(
    _ descriptor: Descriptor, peer: SocketAddress?, loop: EventLoop,
    writeLimitBytes: Int = 262_144
  ) {
    self.descriptor = descriptor
    self.peer = peer
    self.loop = loop
    self.writeLimitBytes = writeLimitBytes
    loop.load.wrappingAdd(1, ordering: .relaxed)
    switch peer {
    case .unix, nil: break
    case .ipv4, .ipv6: disableNagle()
    }
  }

  deinit {
    if !isClosed { loop.load.wrappingSubtract(1, ordering: .relaxed) }
  }

  /// Our end of the connection; nil when the kernel does not say it.
  package var local: SocketAddress? {
    guard !isClosed else { return nil }
    return SocketAddress.reading { getsockname(descriptor.number, $0, $1) }.address
  }

  /// Makes the kernel give the connection up when the peer's machine confirms nothing of what was
  /// sent for so long; only for peers that never stop to read. A Unix socket needs none of it.
  package func setConfirmationTimeout(_ time: Duration) {
    var milliseconds = UInt32(clamping: time.wholeNanoseconds / 1_000_000)
    let size = socklen_t(MemoryLayout<UInt32>.size)
    _ = setsockopt(
      descriptor.number, Int32(IPPROTO_TCP), Int32(CLINUX_TCP_USER_TIMEOUT), &milliseconds, size)
  }

  private func disableNagle() {
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    _ = setsockopt(descriptor.number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
  }

  /// Starts to read and reports to `delegate`, which is held weakly.
  package func start(_ delegate: any SocketDelegate) throws(ReactorError) {
    self.delegate = delegate
    // The loop holds the watch, so the socket lives until it is closed.
    watch = try loop.watch(descriptor.number, interest) { [self] in handle($0) }
  }

  private var interest: Interest {
    Interest(wantsRead ? [.read] : []).union(isBlocked ? [.write] : [])
  }

  private func handle(_ readiness: Readiness) {
    if readiness.contains(.writable), isBlocked {
      isBlocked = false
      flush()
      if !isBlocked, !isClosed { delegate?.socketDrained() }
    }
    if isClosed { return }
    if wantsRead, !readiness.isDisjoint(with: [.readable, .hangUp, .error]) {
      readAvailable()
    } else if readiness.contains(.error) {
      close(.failed(pendingError()))
    } else if readiness.contains(.hangUp) {
      // Level-triggered hang-ups would spin while reading rests.
      close(.endOfStream)
    }
  }

  private func pendingError() -> ReactorError {
    var number: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    _ = getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &number, &size)
    return .system("connection", number == 0 ? ECONNRESET : number)
  }

  private func readAvailable() {
    let buffer = loop.scratch.readBuffer
    for _ in 0..<Self.readsPerEvent {
      let count = recv(descriptor.number, buffer.baseAddress, buffer.count, 0)
      if count > 0 {
        if parting != .none { continue }
        delegate?.socketReceived(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bytes)
        if count < buffer.count || isClosed || !wantsRead { return }
      } else if count == 0 {
        return close(.endOfStream)
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        return close(.failed(.system("recv")))
      }
    }
  }

  // MARK: Reading

  /// Stops reading, so that the peer is held by TCP.
  package func pauseReading() {
    wantsRead = false
    watch?.update(interest)
  }

  /// Reads again.
  package func resumeReading() {
    wantsRead = true
    watch?.update(interest)
  }

  // MARK: Writing

  /// Bytes that wait for the kernel.
  package var bufferedBytes: Int { output.count - outputStart }

  /// Whether the buffer is below its bound.
  package var isWritable: Bool { bufferedBytes < writeLimitBytes }

  /// Buffers bytes; `flush` sends them.
  package func write(_ bytes: RawSpan) {
    guard !isClosed else { return }
    if output.isEmpty { output = loop.scratch.takeWriteBuffer() }
    bytes.withUnsafeBytes { output.append(contentsOf: $0) }
  }

  /// Buffers bytes; `flush` sends them.
  package func write(_ bytes: [UInt8]) {
    write(bytes.span.bytes)
  }

  /// Sends what the kernel takes, and watches for room when it does not take all.
  package func flush() {
    while !isClosed, !isBlocked, bufferedBytes > 0 {
      let count = output.withUnsafeBytes { bytes in
        clinux_send(
          descriptor.number, bytes.baseAddress.map { $0 + outputStart }, bytes.count - outputStart)
      }
      if count >= 0 {
        outputStart += count
        sentBytes &+= count
      } else if errno == EAGAIN {
        isBlocked = true
      } else if errno != EINTR {
        return close(.failed(.system("send")))
      }
    }
    if isClosed { return }
    if bufferedBytes == 0 { releaseOutput() } else { dropSentBytes() }
    watch?.update(interest)
    if parting == .flushing, bufferedBytes == 0 { endOutput() }
  }

  private func releaseOutput() {
    outputStart = 0
    if !output.isEmpty { loop.scratch.give(back: &output) }
  }

  private func dropSentBytes() {
    guard outputStart > 65_536 else { return }
    output.removeFirst(outputStart)
    outputStart = 0
  }

  // MARK: The end

  /// Closes once the buffered bytes are sent and the peer has closed its side, or when `time` is
  /// over; what still arrives is dropped.
  ///
  /// Closing while bytes arrive would make the kernel reset the connection, and the peer would lose
  /// the end of what we sent.
  package func closeAfterFlush(within time: Duration = .seconds(2)) {
    guard !isClosed, parting == .none else { return }
    parting = .flushing
    resumeReading()
    loop.schedule(after: time) { [weak self] in self?.close() }
    flush()
  }

  private func endOutput() {
    parting = .waiting
    // It fails when the peer is gone already, and then reading tells so.
    _ = shutdown(descriptor.number, Int32(SHUT_WR))
  }

  /// Closes now and drops what is buffered; the delegate hears of it once.
  package func close() {
    close(.local)
  }

  private func close(_ closure: SocketClosure) {
    guard !isClosed else { return }
    isClosed = true
    watch?.cancel()
    watch = nil
    descriptor.close()
    releaseOutput()
    loop.load.wrappingSubtract(1, ordering: .relaxed)
    let delegate = delegate
    self.delegate = nil
    delegate?.socketClosed(closure)
  }
}
