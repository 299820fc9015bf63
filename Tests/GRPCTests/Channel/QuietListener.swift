import Reactor

/// Takes connections and never says a word, as a process that was stopped does.
// @unchecked: the sockets are touched on the loop of the one group only, `left` is thread-safe.
final class QuietListener: SocketDelegate, @unchecked Sendable {
  /// A client has gone.
  let left = Signal()
  private var sockets: [Socket] = []
  private var listener: Listener?
  private let loop: EventLoop

  /// Listens with the first loop of `group`, which has no other.
  init(on group: EventLoopGroup) throws {
    loop = group.loops[0]
    listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) {
      [weak self] descriptor, peer, loop in
      self?.keep(Socket(descriptor, peer: peer, loop: loop))
    }
  }

  var address: SocketAddress { listener.map(\.address) ?? .unix("") }

  private func keep(_ socket: Socket) {
    sockets.append(socket)
    // A socket that cannot be polled is as quiet.
    try? socket.start(self)
  }

  func socketReceived(_ bytes: RawSpan) {}
  func socketDrained() {}
  func socketClosed(_ closure: SocketClosure) { left.fire() }

  func close() {
    listener?.close()
    loop.perform { [self] in
      for socket in sockets { socket.close() }
      sockets = []
    }
  }
}
