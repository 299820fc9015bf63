import Reactor

/// Finds the servers of a target.
package protocol Resolver: Sendable {
  /// The servers in the order of preference; asked again when connections fail. It is called in a
  /// task on the channel's loop and must not block that.
  ///
  /// - Throws: what is told to the calls that wait for a server.
  func resolve(_ target: Target) async throws -> [Endpoint]
}

/// Asks the system for the addresses of names, on threads of their own.
package struct SystemResolver: Resolver {
  package init() {}

  /// Names that are not known are left out as long as one is.
  package func resolve(_ target: Target) async throws -> [Endpoint] {
    var found: [Endpoint] = []
    var failure: (any Error)?
    for place in target.places {
      do {
        let authority = place.hasPrefix("unix:") ? "localhost" : place
        for address in Self.interleaved(try await SocketAddress.resolve(place)) {
          found.append(Endpoint(address: address, authority: authority))
        }
      } catch {
        failure = failure ?? error
      }
    }
    if found.isEmpty, let failure { throw failure }
    return found
  }

  /// The same addresses with IPv4 and IPv6 by turns (RFC 8305 section 4), so that a family which
  /// leads nowhere does not hold up the other.
  static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard let first = addresses.first else { return [] }
    let preferred = addresses.filter { $0.isIPv6 == first.isIPv6 }
    let others = addresses.filter { $0.isIPv6 != first.isIPv6 }
    let paired = min(preferred.count, others.count)
    return zip(preferred, others).flatMap { [$0, $1] } + preferred[paired...] + others[paired...]
  }
}

extension SocketAddress {
  fileprivate var isIPv6: Bool { if case .ipv6 = self { true } else { false } }
}
