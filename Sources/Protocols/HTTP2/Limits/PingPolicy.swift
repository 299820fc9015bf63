import Reactor

/// How often a client may send PINGs, as gRPC's servers hold it
/// (https://github.com/grpc/grpc/blob/master/doc/keepalive.md).
struct PingPolicy {
  /// The least distance of two PINGs while no stream is open, unless those are permitted.
  static let withoutStreams = Duration.seconds(7200)

  private let minInterval: Duration
  private let permitsWithoutStreams: Bool
  private let maxStrikes: Int
  private var lastPing: MonotonicTime?
  private var strikes = 0

  init(_ configuration: HTTP2Configuration) {
    minInterval = configuration.minPingInterval
    permitsWithoutStreams = configuration.permitsPingsWithoutStreams
    maxStrikes = configuration.maxPingStrikes
  }

  /// A PING has come; false when there were too many.
  mutating func received(at now: MonotonicTime, hasStreams: Bool) -> Bool {
    let interval = hasStreams || permitsWithoutStreams ? minInterval : Self.withoutStreams
    defer { lastPing = now }
    guard let lastPing, now < lastPing.advanced(by: interval) else { return true }
    strikes += 1
    return maxStrikes == 0 || strikes <= maxStrikes
  }

  /// We have sent headers or data, which a client may answer by measuring the path.
  mutating func sentFrame() {
    strikes = 0
    lastPing = nil
  }
}
