import CLinux
import Glibc

/// A listening socket that hands each connection to the least-loaded loop before its first read.
// @unchecked: after `init` every variable is touched on the accepting loop alone.
package final class Listener: @unchecked Sendable {
  /// Receives a connection on the loop that it will live on.
  package typealias Handler = @Sendable (Descriptor, SocketAddress?, EventLoop) -> Void

  /// How long accepting rests when the process is out of descriptors or memory.
  static let rest = Duration.milliseconds(100)
  private static let acceptsPerEvent = 64

  /// The bound address, with the port that the kernel chose.
  package let address: SocketAddress
  private let descriptor: Descriptor
  private let group: EventLoopGroup
  private let loop: EventLoop
  private let handler: Handler
  private var watch: Watch?
  private var isClosed = false

  /// Binds, listens and starts to accept on the first loop of `group`.
  ///
  /// With `sharesPort` other listeners that say the same may bind the same address.
  /// A file of a unix address that nobody listens on any more is replaced.
  package init(
    _ address: SocketAddress, group: EventLoopGroup, backlog: Int32 = 1024,
    sharesPort: Bool = false, handler: @escaping Handler
  ) throws(ReactorError) {
    let descriptor = Descriptor(clinux_stream_socket(address.family))
    guard descriptor.number >= 0 else { throw .system("socket") }
    Self.removeStaleFile(of: address)
    try Self.bind(descriptor, to: address, sharesPort: sharesPort)
    guard listen(descriptor.number, backlog) == 0 else { throw .system("listen") }
    let bound = SocketAddress.reading { getsockname(descriptor.number, $0, $1) }.address
    self.address = bound ?? address
    self.descriptor = descriptor
    self.group = group
    self.loop = group.loops[0]
    self.handler = handler
    loop.execute { self.start() }
  }

  /// Whether an address could be listened on now; it leaves nothing behind.
  ///
  /// - Throws: `ReactorError` as `init` would.
  package static func checkIsFree(_ address: SocketAddress) throws(ReactorError) {
    let descriptor = Descriptor(clinux_stream_socket(address.family))
    defer { descriptor.close() }
    guard descriptor.number >= 0 else { throw .system("socket") }
    guard case .unix(let path) = address else {
      return try bind(descriptor, to: address, sharesPort: false)
    }
    // Binding would leave a file.
    func problem(_ number: Int32) -> ReactorError { .system("cannot listen on \(address)", number) }
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw problem(errno) }
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
      guard access(folder, W_OK | X_OK) == 0 else { throw problem(errno) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw problem(ENOTSOCK) }
    let code = address.withSystemAddress { connect(descriptor.number, $0, $1) }
    guard code != 0, errno == ECONNREFUSED else { throw problem(EADDRINUSE) }
  }

  private static func bind(
    _ descriptor: Descriptor, to address: SocketAddress, sharesPort: Bool
  ) throws(ReactorError) {
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    _ = setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEADDR, &one, size)
    if sharesPort { _ = setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEPORT, &one, size) }
    let code = address.withSystemAddress { Glibc.bind(descriptor.number, $0, $1) }
    guard code == 0 else { throw .system("cannot listen on \(address)") }
  }

  private static func removeStaleFile(of address: SocketAddress) {
    guard case .unix(let path) = address else { return }
    let probe = Descriptor(clinux_stream_socket(AF_UNIX))
    let code = address.withSystemAddress { connect(probe.number, $0, $1) }
    if code != 0, errno == ECONNREFUSED { unlink(socketAt: path) }
  }

  /// Removes a socket's file; what else stands at the path is somebody's.
  private static func unlink(socketAt path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    Glibc.unlink(path)
  }

  private func start() {
    guard !isClosed else { return }
    // A listening socket can always be polled; if not, the listener stays silent like a closed one.
    watch = try? loop.watch(descriptor.number, .read) { [weak self] _ in self?.accept() }
  }

  private func accept() {
    for _ in 0..<Self.acceptsPerEvent {
      let (number, peer) = SocketAddress.reading { clinux_accept(descriptor.number, $0, $1) }
      if number >= 0 {
        handOut(Descriptor(number), peer)
        continue
      }
      switch errno {
      case EINTR, ECONNABORTED, EPROTO: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return takeRest()
      default: return
      }
    }
  }

  private func handOut(_ connection: Descriptor, _ peer: SocketAddress?) {
    let target = group.leastLoaded()
    target.load.wrappingAdd(1, ordering: .relaxed)
    let handler = handler
    target.perform {
      handler(connection, peer, target)
      // The socket that the handler made counts itself.
      target.load.wrappingSubtract(1, ordering: .relaxed)
    }
  }

  private func takeRest() {
    watch?.update([])
    loop.schedule(after: Self.rest) { [weak self] in self?.watch?.update(.read) }
  }

  /// Stops listening, and returns when connections that still come are refused; not for the loops.
  package func closeAndWait() async {
    await withUnsafeContinuation { continuation in
      close { continuation.resume() }
    }
  }

  /// Stops listening; callable from any thread, and returns before the socket is closed.
  package func close(_ completion: @escaping @Sendable () -> Void = {}) {
    loop.perform { [self] in
      defer { completion() }
      guard !isClosed else { return }
      // Closing would reset those that the kernel has greeted for us.
      if watch != nil { accept() }
      isClosed = true
      watch?.cancel()
      watch = nil
      descriptor.close()
      if case .unix(let path) = address, !path.isEmpty { Self.unlink(socketAt: path) }
    }
  }
}
