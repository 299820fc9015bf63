import Glibc

/// A listener on 127.0.0.1 that says fixed bytes to whoever connects, and more for each reading.
package final class ScriptedServer: Sendable {
  /// Its port.
  package let port: UInt16
  private let listener: Int32
  private let script: [[UInt8]]
  private let staysOpen: Bool
  private let inCrumbs: Bool

  /// Listens from now on.
  ///
  /// - Parameters:
  ///   - script: what is said when somebody has said something, one reading after the other.
  ///   - staysOpen: whether it goes on to listen in silence behind the script, or hangs up.
  ///   - inCrumbs: whether every byte is sent alone.
  package init(_ script: [[UInt8]], staysOpen: Bool = false, inCrumbs: Bool = false) throws {
    self.script = script
    self.inCrumbs = inCrumbs
    self.staysOpen = staysOpen
    port = try freePort()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let listener = listener
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0, listen(listener, 16) == 0 else {
      throw ServerFailure(description: "cannot listen on port \(port)")
    }
    Self.onThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Self.onThread { [self] in serve(connection) }
      }
    }
  }

  /// Takes no more connections.
  package func end() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var one: Int32 = 1
    setsockopt(
      connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    for answer in script {
      guard read(connection, &buffer, buffer.count) > 0 else { return }
      var sent = 0
      while sent < answer.count {
        let count = answer.withUnsafeBytes { bytes in
          send(
            connection, bytes.baseAddress.map { $0 + sent }, inCrumbs ? 1 : bytes.count - sent,
            Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        sent += count
      }
    }
    if staysOpen { while read(connection, &buffer, buffer.count) > 0 {} }
  }

  private static func onThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Body(body))
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    pthread_detach(thread)
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
