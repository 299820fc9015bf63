/// The bounds of a connection.
package struct HTTP2Configuration: Sendable {
  /// Streams that the peer may have open at once.
  package var maxConcurrentStreams: UInt32 = 256
  /// Bytes that the peer may send on a stream before its handler takes them.
  package var streamWindowBytes: UInt32 = 1_048_576
  /// Bytes that the peer may send on all streams before they are acknowledged.
  package var connectionWindowBytes: UInt32 = 8_388_608
  /// Bytes that wait for handlers, all streams together, at which the connection stops the peer.
  package var connectionBufferBytes = 16_777_216
  /// Bytes of one header list, 32 a field included (RFC 9113 section 6.5.2).
  package var maxHeaderListBytes: UInt32 = 16_384
  /// Bytes queued on a stream at which `HTTP2Stream.isWritable` turns false.
  package var streamQueueBytes = 65_536
  /// Quiet time after which the peer is probed by PING, as a client only while streams are open;
  /// nil for never.
  package var keepaliveInterval: Duration? = .seconds(30)
  /// Time that the answer to a PING may take.
  package var keepaliveTimeout: Duration = .seconds(20)
  /// Time from the start to the peer's first SETTINGS.
  package var handshakeTimeout: Duration = .seconds(10)

  package init() {}
}
