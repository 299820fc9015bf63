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
        for address in try await SocketAddress.resolve(place) {
          found.append(Endpoint(address: address, authority: authority))
        }
      } catch {
        failure = failure ?? error
      }
    }
    if found.isEmpty, let failure { throw failure }
    return found
  }
}
