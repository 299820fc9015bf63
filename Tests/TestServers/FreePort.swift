import Glibc

/// What keeps a server of the tests from being there.
package struct ServerFailure: Error, CustomStringConvertible {
  package let description: String
}

/// A port of 127.0.0.1 that nobody listens on now.
package func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let code = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
    }
  }
  guard code == 0 else { throw ServerFailure(description: "no port is free") }
  return UInt16(bigEndian: address.sin_port)
}
