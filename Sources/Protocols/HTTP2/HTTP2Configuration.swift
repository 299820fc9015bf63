/// The bounds of one connection.
///
/// What passes one of them is answered as the protocol names it: by GOAWAY with
/// ENHANCE_YOUR_CALM where a peer wastes our time, by a refused stream or RESOURCE_EXHAUSTED where
/// it only wants too much at once. No other connection is touched by it.
package struct HTTP2Configuration: Sendable {
  // MARK: Streams and their headers

  /// Streams that the peer may have open at once.
  package var maxConcurrentStreams: UInt32 = 256
  /// Handlers that run on although their streams were reset or have ended; when there are more,
  /// new streams are refused, which a client may try again.
  package var maxAbandonedHandlers = 1000
  /// Bytes of one header list, 32 a field included (RFC 9113 section 6.5.2); a call with more is
  /// answered by RESOURCE_EXHAUSTED.
  package var maxHeaderListBytes: UInt32 = 16_384
  /// Fields of one header list; likewise.
  package var maxHeaderFields = 128
  /// Decoded bytes of one header list, delivered or not, at which the connection ends: a small
  /// block that refers to one large field again and again is an attack.
  package var maxDecodedHeaderBytes = 1_048_576
  /// Frames of one header block, the first included.
  package var maxHeaderFrames = 9

  // MARK: Bytes that wait

  /// Bytes that the peer may send on a stream before its handler takes them, at first: small, since
  /// thousands of peers may push while handlers wait.
  package var streamWindowBytes: UInt32 = 65_536
  /// What that may grow to when the path holds more than the window does.
  package var maxStreamWindowBytes: UInt32 = 4_194_304
  /// Bytes that the peer may send on all streams before they are acknowledged, at first; it grows
  /// to four times a stream's window.
  package var connectionWindowBytes: UInt32 = 1_048_576
  /// Bytes of requests in memory, all streams together, at which the connection stops the peer
  /// and at which a handler that has to keep more gives its call up with RESOURCE_EXHAUSTED.
  package var connectionBufferBytes = 16_777_216
  /// Bytes queued on a stream at which `HTTP2Stream.isWritable` turns false.
  package var streamQueueBytes = 65_536
  /// Bytes queued on all streams at which `HTTP2Stream.isWritable` turns false on each of them,
  /// so that handlers wait: a peer that does not read its answers gets no new ones.
  package var connectionQueueBytes = 8_388_608
  /// Frames that wait to be sent; a peer that makes us queue more does not read them.
  package var maxQueuedFrames = 10_000

  // MARK: Frames that cost the peer nothing

  /// Streams that the peer resets, and streams that are refused while handlers of reset ones run.
  package var resetRate = EventRate(burst: 20_000, perSecond: 2_000)
  /// Mistakes of the peer that make us reset a stream (CVE-2025-8671).
  package var provokedResetRate = EventRate(burst: 200, perSecond: 20)
  /// SETTINGS, acknowledgements aside.
  package var settingsRate = EventRate(burst: 100, perSecond: 10)
  /// Empty DATA, PRIORITY, CONTINUATION, unknown frames and acknowledgements.
  package var idleFrameRate = EventRate(burst: 2_000, perSecond: 200)
  /// WINDOW_UPDATE; each frame of DATA that we send allows four more.
  package var windowUpdateRate = EventRate(burst: 20_000, perSecond: 2_000)

  // MARK: Keepalive (https://github.com/grpc/grpc/blob/master/doc/keepalive.md)

  /// Quiet time after which the peer is probed by PING, as a client only while streams are open;
  /// nil for never.
  package var keepaliveInterval: Duration? = .seconds(30)
  /// Time that the answer to a PING may take.
  package var keepaliveTimeout: Duration = .seconds(20)
  /// The least distance of a client's PINGs between two of our answers; a server ends a
  /// connection with `too_many_pings` after more than `maxPingStrikes` that come sooner.
  package var minPingInterval: Duration = .seconds(300)
  /// How many PINGs may come too soon; 0 for any number.
  package var maxPingStrikes = 2
  /// Whether `minPingInterval` also holds while no stream is open; two hours do otherwise.
  package var permitsPingsWithoutStreams = false

  // MARK: Time

  /// Time from the start to the peer's first SETTINGS, TLS included.
  package var handshakeTimeout: Duration = .seconds(10)
  /// Time that one message of a request may take to arrive while its handler waits for it; a slow
  /// one is noticed between once and twice this time.
  package var messageTimeout: Duration = .seconds(60)
  /// Time in which a peer has to take some of the bytes that wait for its socket.
  package var stallTimeout: Duration = .seconds(60)
  /// Time without streams after which a server says goodbye; nil for never.
  package var maxIdle: Duration? = .seconds(1800)
  /// Age at which a server says goodbye, give or take a tenth, so that clients spread over
  /// servers again; nil for never.
  package var maxAge: Duration?
  /// Time that calls may go on once the connection has reached its age; nil for as long as they
  /// want.
  package var ageGrace: Duration?

  package init() {}
}
