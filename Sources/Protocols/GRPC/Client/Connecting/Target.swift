package import Reactor

/// Where a channel's servers are, in the syntax of gRPC's names
/// (https://github.com/grpc/grpc/blob/master/doc/naming.md).
///
/// `host:port`, `dns:host:port`, `dns:///host:port`, `ipv4:1.2.3.4:1,5.6.7.8:2`, `ipv6:[::1]:1`,
/// `unix:path`, `unix:///path`, and beyond that document a list `a:1,b:2`. A scheme makes the port
/// optional: it is 443 then.
package struct Target: Sendable, Hashable, CustomStringConvertible {
  /// Names that one target may list.
  static let maxPlaces = 64
  private static let defaultPort = 443

  /// `host:port` or `unix:path` each.
  package let places: [String]
  /// The target with its scheme, as metrics name it.
  package let description: String

  /// Reads a target; no name is looked up.
  ///
  /// - Throws: `ReactorError` with code `badAddress` that says what is wrong with it.
  package init(parsing text: String) throws(ReactorError) {
    let (scheme, rest) = Self.split(text)
    switch scheme {
    case "unix":
      let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
      guard path.count == rest.count || path.hasPrefix("/") else {
        throw Self.bad("'\(text)': write unix:PATH or unix:///PATH")
      }
      places = ["unix:\(path)"]
    case "dns":
      let name = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
      guard name.count == rest.count || name.hasPrefix("/") else {
        throw Self.bad("'\(text)' names a DNS server, which cannot be chosen: write dns:///HOST")
      }
      places = [Self.withPort(name.drop { $0 == "/" })]
    case "ipv4", "ipv6":
      places = Self.list(rest).map(Self.withPort)
      for place in places where try SocketAddress.parse(place).isIPv4 != (scheme == "ipv4") {
        throw Self.bad("'\(text)': \(place) is not of that family")
      }
    default: places = Self.list(rest).map(String.init)
    }
    guard places.count <= Self.maxPlaces else {
      throw Self.bad("a target lists at most \(Self.maxPlaces) servers")
    }
    for place in places { try SocketAddress.check(place) }
    if scheme == nil {
      description = places.count == 1 ? "dns:///\(text)" : text
    } else {
      description = text
    }
  }

  /// A scheme that is known, and what follows its colon.
  private static func split(_ text: String) -> (scheme: String?, rest: Substring) {
    for scheme in ["unix", "dns", "ipv4", "ipv6"] where text.hasPrefix("\(scheme):") {
      return (scheme, text.dropFirst(scheme.count + 1))
    }
    return (nil, text[...])
  }

  private static func list(_ text: Substring) -> [Substring] {
    text.split(separator: ",", omittingEmptySubsequences: false)
  }

  private static func withPort(_ place: Substring) -> String {
    let colons = place.count { $0 == ":" }
    if place.hasPrefix("[") { return place.hasSuffix("]") ? "\(place):443" : String(place) }
    if colons > 1 { return "[\(place)]:\(defaultPort)" }
    return colons == 0 ? "\(place):\(defaultPort)" : String(place)
  }

  private static func bad(_ message: String) -> ReactorError {
    ReactorError(code: .badAddress, message: message)
  }
}

extension SocketAddress {
  fileprivate var isIPv4: Bool { if case .ipv4 = self { true } else { false } }
}

/// One server, as a resolver finds it.
package struct Endpoint: Sendable, Hashable {
  package let address: SocketAddress
  /// What the target calls it, `host:port`: sent as `:authority`, and its host is the name that the
  /// server's certificate must be for.
  package let authority: String

  package init(address: SocketAddress, authority: String) {
    self.address = address
    self.authority = authority
  }

  /// The host of `authority`; nil of a unix socket, which has none.
  package var host: String? {
    guard let colon = authority.lastIndex(of: ":") else { return nil }
    let host = authority[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return String(host)
  }
}
