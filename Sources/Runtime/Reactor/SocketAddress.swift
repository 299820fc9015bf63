import CLinux
import Glibc

/// An address that a stream socket can be bound or connected to.
package enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// Four bytes in network order and a port.
  case ipv4([UInt8], port: UInt16)
  /// Sixteen bytes in network order, a port and a scope (0 when there is none).
  case ipv6([UInt8], port: UInt16, scope: UInt32)
  /// A path of the file system, or nothing for an unnamed socket.
  case unix(String)

  /// Reads `127.0.0.1:80`, `[::1]:80`, `localhost:80`, `*:80` or `unix:/path`.
  ///
  /// Other names need `resolve`, since looking them up can block.
  package static func parse(_ text: String) throws(ReactorError) -> SocketAddress {
    if text.hasPrefix("unix:") { return try parseUnix(String(text.dropFirst(5))) }
    let (host, port) = try splitHostAndPort(text)
    if let address = numeric(host: host, port: port) { return address }
    throw ReactorError(
      code: .badAddress, message: "'\(text)' is not HOST:PORT with a numeric host, or unix:PATH")
  }

  /// Checks that `text` has the form of an address, whether or not its host's name is known.
  package static func check(_ text: String) throws(ReactorError) {
    if text.hasPrefix("unix:") {
      _ = try parseUnix(String(text.dropFirst(5)))
    } else if try splitHostAndPort(text).0.isEmpty {
      throw ReactorError(code: .badAddress, message: "'\(text)' has no host before the colon")
    }
  }

  private static func parseUnix(_ path: String) throws(ReactorError) -> SocketAddress {
    let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    guard !path.isEmpty, path.utf8.count < limit, !path.utf8.contains(0) else {
      throw ReactorError(
        code: .badAddress, message: "a unix socket path has 1 to \(limit - 1) bytes")
    }
    return .unix(path)
  }

  static func splitHostAndPort(_ text: String) throws(ReactorError) -> (String, UInt16) {
    guard !text.contains("://") else {
      throw ReactorError(
        code: .badAddress, message: "'\(text)' is a URL: write HOST:PORT or unix:PATH")
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else {
      throw ReactorError(
        code: .badAddress, message: "'\(text)' has no port from 0 to 65535 after a colon")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw ReactorError(
        code: .badAddress, message: "'\(text)': write an IPv6 address in brackets, [::1]:80")
    }
    return (String(host), port)
  }

  static func numeric(host: String, port: UInt16) -> SocketAddress? {
    if host == "localhost" { return .ipv4([127, 0, 0, 1], port: port) }
    if host == "*" { return .ipv4([0, 0, 0, 0], port: port) }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, host, &bytes) == 1 { return .ipv4(Array(bytes.prefix(4)), port: port) }
    if inet_pton(AF_INET6, host, &bytes) == 1 { return .ipv6(bytes, port: port, scope: 0) }
    return nil
  }

  /// The port, nil for a unix socket.
  package var port: UInt16? {
    switch self {
    case .ipv4(_, let port), .ipv6(_, let port, _): port
    case .unix: nil
    }
  }

  /// The host as numbers, without brackets; nil for a unix socket.
  package var numericHost: String? {
    switch self {
    case .ipv4(let bytes, _): Self.text(AF_INET, bytes)
    case .ipv6(let bytes, _, _): Self.text(AF_INET6, bytes)
    case .unix: nil
    }
  }

  package var description: String {
    switch self {
    case .ipv4(let bytes, let port): "\(Self.text(AF_INET, bytes)):\(port)"
    case .ipv6(let bytes, let port, _): "[\(Self.text(AF_INET6, bytes))]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  private static func text(_ family: Int32, _ bytes: [UInt8]) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let base = buffer.baseAddress, inet_ntop(family, bytes, base, 64) != nil else {
        return "?"
      }
      return String(cString: base)
    }
  }
}

extension SocketAddress {
  var family: Int32 {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    }
  }

  /// Calls `body` with the kernel's form of the address.
  func withSystemAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var storage = sockaddr_storage()
    let length = withUnsafeMutableBytes(of: &storage) { fill($0) }
    return withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  private func fill(_ storage: UnsafeMutableRawBufferPointer) -> socklen_t {
    switch self {
    case .ipv4(let bytes, let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes.prefix(4)) }
      withUnsafeBytes(of: &address) { storage.copyMemory(from: $0) }
      return socklen_t(MemoryLayout<sockaddr_in>.size)
    case .ipv6(let bytes, let port, let scope):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_scope_id = scope
      withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes.prefix(16)) }
      withUnsafeBytes(of: &address) { storage.copyMemory(from: $0) }
      return socklen_t(MemoryLayout<sockaddr_in6>.size)
    case .unix(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { field in
        field.copyBytes(from: path.utf8.prefix(field.count - 1))
      }
      withUnsafeBytes(of: &address) { storage.copyMemory(from: $0) }
      return socklen_t(MemoryLayout<sockaddr_un>.size)
    }
  }

  /// Reads the address that `body` writes, nil if the call fails or the family is unknown.
  static func reading(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> (result: Int32, address: SocketAddress?) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
    guard result >= 0 else { return (result, nil) }
    return (result, withUnsafeBytes(of: &storage) { SocketAddress(system: $0, length: length) })
  }

  init?(system bytes: UnsafeRawBufferPointer, length: socklen_t) {
    switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET:
      let address = bytes.loadUnaligned(as: sockaddr_in.self)
      let host = withUnsafeBytes(of: address.sin_addr) { Array($0) }
      self = .ipv4(host, port: UInt16(bigEndian: address.sin_port))
    case AF_INET6:
      let address = bytes.loadUnaligned(as: sockaddr_in6.self)
      let host = withUnsafeBytes(of: address.sin6_addr) { Array($0) }
      self = .ipv6(
        host, port: UInt16(bigEndian: address.sin6_port), scope: address.sin6_scope_id)
    case AF_UNIX:
      let path = bytes[2..<max(2, min(bytes.count, Int(length)))].prefix { $0 != 0 }
      self = .unix(String(decoding: path, as: UTF8.self))
    default:
      return nil
    }
  }
}

extension SocketAddress {
  /// Whether only this machine can reach it.
  package var isLocal: Bool {
    switch self {
    case .ipv4(let bytes, _): bytes.first == 127
    case .ipv6(let bytes, _, _):
      bytes == [UInt8](repeating: 0, count: 15) + [1]
        || bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127])
    case .unix: true
    }
  }
}
