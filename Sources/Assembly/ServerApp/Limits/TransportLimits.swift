import GRPC
import HTTP2

/// Every bound of the transport, in the order of the table in docs/transport.md, which a test holds
/// to this one.
enum TransportLimits {
  private static let aDay = Duration.milliseconds(100)...(.seconds(86_400))
  private static let aYear = Duration.milliseconds(100)...(.seconds(365 * 86_400))
  private static let memory = 65_536...1_099_511_627_776

  /// The bounds, each by its name.
  static let all: [TransportLimit] = connections + headers + messages + floods + pings + times

  private static let connections: [TransportLimit] = [
    .count("max-connections", \.maxConnections, 1...10_000_000, "connections in all"),
    .count(
      "max-connections-per-address", \.maxConnectionsPerAddress, 1...10_000_000,
      "connections of one address (IPv6: one network of 64 bits)"),
    .count(
      "max-handshakes", \.maxHandshakes, 1...1_000_000,
      "connections that have not introduced themselves; then the oldest are closed"),
    .count(
      "max-concurrent-streams", \.http2.maxConcurrentStreams, 1...1_000_000,
      "streams of one connection; more are REFUSED_STREAM"),
    .count(
      "max-abandoned-handlers", \.http2.maxAbandonedHandlers, 1...10_000_000,
      "handlers of one connection that run on behind their streams; then streams are refused"),
  ]

  private static let headers: [TransportLimit] = [
    .size(
      "max-header-list-bytes", \.http2.maxHeaderListBytes, 1_024...16_777_216,
      "one header list; more is RESOURCE_EXHAUSTED"),
    .count("max-header-fields", \.http2.maxHeaderFields, 8...1_000_000, "likewise, in fields"),
    .size(
      "max-decoded-header-bytes", \.http2.maxDecodedHeaderBytes, 1_024...268_435_456,
      "one header list, delivered or not; more ends the connection"),
    .count(
      "max-header-frames", \.http2.maxHeaderFrames, 1...10_000,
      "frames of one header list; more end the connection"),
  ]

  private static let messages: [TransportLimit] = [
    .size(
      "max-request-bytes", \.maxRequestBytes, 1_024...1_073_741_824,
      "one message, sent and inflated; more is RESOURCE_EXHAUSTED"),
    .size(
      "stream-window-bytes", \.http2.streamWindowBytes, 1_024...268_435_456,
      "what a peer may send ahead on a stream, at first"),
    .size(
      "max-stream-window-bytes", \.http2.maxStreamWindowBytes, 1_024...268_435_456,
      "what that grows to with the bandwidth-delay product of the path"),
    .size(
      "connection-window-bytes", \.http2.connectionWindowBytes, 65_536...1_073_741_824,
      "likewise on all streams of a connection; it grows to four times a stream's"),
    .size(
      "connection-buffer-bytes", \.http2.connectionBufferBytes, memory,
      "requests of one connection in memory; then its peer waits"),
    .size(
      "max-request-buffer-bytes", \.maxRequestBufferBytes, memory,
      "requests in memory, metadata and open calls included, all connections together; then peers "
        + "wait, and streams are REFUSED_STREAM"),
    .size(
      "stream-queue-bytes", \.http2.streamQueueBytes, 1_024...1_073_741_824,
      "answers of one stream that wait; then its handler does"),
    .size(
      "connection-queue-bytes", \.http2.connectionQueueBytes, memory,
      "answers of one connection that wait; then its handlers do"),
    .size(
      "max-answer-buffer-bytes", \.maxAnswerBufferBytes, memory,
      "answers that wait, all connections together; then handlers do"),
    .count(
      "max-queued-frames", \.http2.maxQueuedFrames, 100...10_000_000,
      "frames of one connection that wait to be sent; more end it"),
  ]

  private static let floods: [TransportLimit] = [
    .rate("reset-rate", \.http2.resetRate, "resets by the peer"),
    .rate(
      "provoked-reset-rate", \.http2.provokedResetRate, "resets that its mistakes provoke"),
    .rate("settings-rate", \.http2.settingsRate, "SETTINGS"),
    .rate(
      "idle-frame-rate", \.http2.idleFrameRate,
      "empty DATA, PRIORITY, CONTINUATION, unknown frames and acknowledgements"),
    .rate("window-update-rate", \.http2.windowUpdateRate, "WINDOW_UPDATE"),
  ]

  private static let pings: [TransportLimit] = [
    .time(
      "min-ping-interval", \.http2.minPingInterval, .zero...(.seconds(86_400)),
      "the least distance of a client's PINGs"),
    .count(
      "max-ping-strikes", \.http2.maxPingStrikes, 0...1_000_000,
      "PINGs that may come sooner, then `too_many_pings`; 0 for any number"),
    .choice(
      "permits-pings-without-streams", \.http2.permitsPingsWithoutStreams,
      "whether that distance also holds while no stream is open; two hours do otherwise"),
    .timeOrNone(
      "keepalive-interval", \.http2.keepaliveInterval, aDay,
      "silence after which we send a PING"),
    .time("keepalive-timeout", \.http2.keepaliveTimeout, aDay, "time for its answer"),
  ]

  private static let times: [TransportLimit] = [
    .time(
      "handshake-timeout", \.http2.handshakeTimeout, aDay,
      "from the start to the peer's first SETTINGS, TLS included"),
    .time(
      "message-timeout", \.http2.messageTimeout, aDay,
      "for one message to arrive while its handler waits"),
    .time(
      "stall-timeout", \.http2.stallTimeout, aDay,
      "in which a peer has to take some of what waits for it"),
    .timeOrNone(
      "max-idle", \.http2.maxIdle, aYear, "without streams, then a drain"),
    .timeOrNone(
      "max-age", \.http2.maxAge, aYear, "of a connection, give or take a tenth, then a drain"),
    .timeOrNone("age-grace", \.http2.ageGrace, aYear, "for the calls that are open then"),
  ]

  /// Sets what `NAME=VALUE` says; the last of a name counts.
  static func apply(
    _ settings: [String], to configuration: inout ServerConfiguration
  ) throws(StartupError) {
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let limit = all.first(where: { $0.name == parts[0] }) else {
        throw StartupError(
          .usage, "--limit \(setting): there is no such bound; '--limit help' lists them all")
      }
      guard parts.count == 2 else {
        throw StartupError(
          .usage, "--limit \(setting): say --limit \(setting)=VALUE, with \(limit.domain)")
      }
      guard limit.set(parts[1], in: &configuration) else {
        throw StartupError(
          .usage, "--limit \(limit.name): '\(parts[1])' is not \(limit.domain)")
      }
    }
  }

  /// Every bound with its default and its meaning, for people.
  static var help: String {
    let defaults = ServerConfiguration()
    let width = all.map(\.name.count).max() ?? 0
    let lines = all.map { limit in
      "  " + limit.name + String(repeating: " ", count: width + 2 - limit.name.count)
        + limit.text(in: defaults) + "\n      \(limit.meaning)\n      \(limit.domain)"
    }
    return "Bounds of the transport, each with its default:\n" + lines.joined(separator: "\n")
  }
}
