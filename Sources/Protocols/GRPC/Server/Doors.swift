import Reactor

/// Counts the connections of a server, in all and by address; it may be used from any thread.
final class Doors: Sendable {
  /// What may keep a connection out; the raw values name it in metrics.
  enum Bound: String, CaseIterable {
    case all = "max_connections"
    case address = "max_connections_per_address"
  }

  private struct Counts {
    var total = 0
    var byAddress: [[UInt8]: Int] = [:]
  }

  private let maxConnections: Int
  private let maxPerAddress: Int
  private let counts = Locked(Counts())

  init(maxConnections: Int, maxPerAddress: Int) {
    self.maxConnections = maxConnections
    self.maxPerAddress = maxPerAddress
  }

  /// Connections that are open now.
  var count: Int { counts.withLock { $0.total } }

  /// Lets a connection in, or says of what there are too many.
  func enter(_ peer: SocketAddress?) -> Bound? {
    let address = Self.address(peer)
    return counts.withLock { counts in
      guard counts.total < maxConnections else { return .all }
      if let address {
        guard counts.byAddress[address, default: 0] < maxPerAddress else { return .address }
        counts.byAddress[address, default: 0] += 1
      }
      counts.total += 1
      return nil
    }
  }

  /// A connection that was let in has ended.
  func leave(_ peer: SocketAddress?) {
    let address = Self.address(peer)
    counts.withLock { counts in
      counts.total -= 1
      guard let address, let left = counts.byAddress[address] else { return }
      counts.byAddress[address] = left > 1 ? left - 1 : nil
    }
  }

  /// What counts as one address: who has an IPv6 network has all of its addresses.
  private static func address(_ peer: SocketAddress?) -> [UInt8]? {
    switch peer {
    case .ipv4(let bytes, _): bytes
    case .ipv6(let bytes, _, _): Array(bytes.prefix(8))
    case .unix, nil: nil
    }
  }
}
