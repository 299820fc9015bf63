import Glibc

extension SocketAddress {
  /// Reads an address as `parse` does, and looks names up on a thread of their own.
  ///
  /// - Returns: at least one address, in the resolver's order.
  /// - Throws: `ReactorError` with code `badAddress` when the name is unknown.
  package static func resolve(_ text: String) async throws -> [SocketAddress] {
    if text.hasPrefix("unix:") { return [try parse(text)] }
    let (host, port) = try splitHostAndPort(text)
    if let address = numeric(host: host, port: port) { return [address] }
    return try await withCheckedThrowingContinuation { continuation in
      Lookup(host: host, port: port, continuation: continuation).start()
    }
  }
}

/// One name look-up, which blocks its own thread.
private final class Lookup: Sendable {
  private let host: String
  private let port: UInt16
  private let continuation: CheckedContinuation<[SocketAddress], any Error>

  init(host: String, port: UInt16, continuation: CheckedContinuation<[SocketAddress], any Error>) {
    self.host = host
    self.port = port
    self.continuation = continuation
  }

  func start() {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let lookup = Unmanaged<Lookup>.fromOpaque(argument).takeRetainedValue()
        lookup.continuation.resume(with: lookup.run())
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    if code == 0 {
      pthread_detach(thread)
    } else {
      Unmanaged.passUnretained(self).release()
      continuation.resume(throwing: ReactorError.system("pthread_create", code))
    }
  }

  private func run() -> Result<[SocketAddress], any Error> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0 else { return .failure(unknown(String(cString: gai_strerror(code)))) }
    var found: [SocketAddress] = []
    var entry = list
    while let current = entry {
      let bytes = UnsafeRawBufferPointer(
        start: current.pointee.ai_addr, count: Int(current.pointee.ai_addrlen))
      if let address = SocketAddress(system: bytes, length: current.pointee.ai_addrlen) {
        found.append(address)
      }
      entry = current.pointee.ai_next
    }
    return found.isEmpty ? .failure(unknown("no address")) : .success(found)
  }

  private func unknown(_ why: String) -> ReactorError {
    ReactorError(code: .badAddress, message: "cannot look up '\(host)': \(why)")
  }
}
