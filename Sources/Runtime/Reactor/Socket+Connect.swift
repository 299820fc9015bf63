import CLinux
import Glibc

extension Socket {
  /// Connects on `loop`, from which it is called; `completion` runs there too, once.
  package static func connect(
    to address: SocketAddress, loop: EventLoop, timeout: Duration,
    completion: @escaping (Result<Socket, ReactorError>) -> Void
  ) {
    let descriptor = Descriptor(clinux_stream_socket(address.family))
    guard descriptor.number >= 0 else { return completion(.failure(.system("socket"))) }
    let code = address.withSystemAddress { Glibc.connect(descriptor.number, $0, $1) }
    if code == 0 { return completion(.success(Socket(descriptor, peer: address, loop: loop))) }
    guard errno == EINPROGRESS else {
      return completion(.failure(.system("cannot connect to \(address)")))
    }
    Attempt(descriptor, address, loop, completion).start(timeout)
  }

  /// Connects on `loop`; callable from any thread. The socket belongs to the loop.
  package static func connect(
    to address: SocketAddress, loop: EventLoop, timeout: Duration = .seconds(10)
  ) async throws -> sending Socket {
    let box: Handover = try await withCheckedThrowingContinuation { continuation in
      loop.perform {
        connect(to: address, loop: loop, timeout: timeout) { result in
          continuation.resume(with: result.map { Handover(socket: $0) })
        }
      }
    }
    return box.socket
  }
}

/// Carries a new socket from its loop to the task that asked for it.
// @unchecked: nothing else knows the socket when it is handed over.
private struct Handover: @unchecked Sendable {
  let socket: Socket
}

/// A connection under way; the loop holds it by its watch and its timer.
private final class Attempt {
  private let descriptor: Descriptor
  private let address: SocketAddress
  private let loop: EventLoop
  private var completion: ((Result<Socket, ReactorError>) -> Void)?
  private var watch: Watch?
  private var timer: Timer?

  init(
    _ descriptor: Descriptor, _ address: SocketAddress, _ loop: EventLoop,
    _ completion: @escaping (Result<Socket, ReactorError>) -> Void
  ) {
    self.descriptor = descriptor
    self.address = address
    self.loop = loop
    self.completion = completion
  }

  func start(_ timeout: Duration) {
    timer = loop.schedule(after: timeout) { [self] in
      finish(
        .failure(ReactorError(code: .timedOut, message: "connecting to \(address) took too long")))
    }
    do {
      watch = try loop.watch(descriptor.number, .write) { [self] _ in check() }
    } catch {
      finish(.failure(error))
    }
  }

  private func check() {
    var number: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    _ = getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &number, &size)
    if number != 0 {
      finish(.failure(.system("cannot connect to \(address)", number)))
    } else {
      finish(.success(()))
    }
  }

  private func finish(_ outcome: Result<Void, ReactorError>) {
    watch?.cancel()
    timer?.cancel()
    (watch, timer) = (nil, nil)
    let completion = completion
    self.completion = nil
    completion?(outcome.map { Socket(descriptor, peer: address, loop: loop) })
  }
}
