import APIBindings
import Glibc
import HTTP2
import Reactor

/// Turns readings of the monotonic clock into times of day.
struct ChannelzClock: Sendable {
  /// When the clock was made.
  let start: Timestamp

  init() { start = Self.now() }

  /// The time of day at a reading of the clock.
  func timestamp(_ time: MonotonicTime) -> Timestamp {
    let age = MonotonicTime.now().duration(since: time).components
    let (now, nanos) = (Self.now(), Int32(age.attoseconds / 1_000_000_000))
    let rest = now.nanos - nanos
    return Timestamp(
      seconds: now.seconds - age.seconds - (rest < 0 ? 1 : 0),
      nanos: rest < 0 ? rest + 1_000_000_000 : rest)
  }

  private static func now() -> Timestamp {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Timestamp(seconds: Int64(now.tv_sec), nanos: Int32(now.tv_nsec))
  }
}

extension ChannelzSocket {
  /// What channelz shows of a connection.
  init(_ connection: ConnectionSnapshot, _ clock: ChannelzClock) {
    let counts = connection.counts
    let name = connection.peer.map { "\($0)" } ?? "unnamed"
    self.init(
      ref: .init(socketId: Int64(connection.id), name: name),
      data: ChannelzSocketData(
        streamsStarted: Int64(counts.streamsStarted),
        streamsSucceeded: Int64(counts.streamsSucceeded),
        streamsFailed: Int64(counts.streamsFailed), messagesSent: Int64(counts.messagesSent),
        messagesReceived: Int64(counts.messagesReceived),
        keepAlivesSent: Int64(counts.keepalivesSent),
        lastRemoteStreamCreatedTimestamp: counts.lastStreamStarted.map(clock.timestamp),
        localFlowControlWindow: .init(value: Int64(connection.sendWindow)),
        remoteFlowControlWindow: .init(value: Int64(connection.receiveWindow))),
      local: connection.local.map { ChannelzAddress($0) },
      remote: connection.peer.map { ChannelzAddress($0) },
      security: connection.isSecure
        ? .init(
          model: .tls(.init(cipherSuite: connection.cipherSuite.map { .standardName($0) })))
        : nil)
  }
}

extension ChannelzAddress {
  init(_ address: SocketAddress) {
    let shown: Address =
      switch address {
      case .ipv4(let bytes, let port): .tcpipAddress(.init(ipAddress: bytes, port: Int32(port)))
      case .ipv6(let bytes, let port, _): .tcpipAddress(.init(ipAddress: bytes, port: Int32(port)))
      case .unix(let path): .udsAddress(.init(filename: path))
      }
    self.init(address: shown)
  }
}
