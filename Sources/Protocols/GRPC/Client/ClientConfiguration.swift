package import HTTP2

/// The bounds of a client channel.
package struct ClientConfiguration: Sendable {
  /// Encrypts the connection; nil for cleartext.
  package var tls: ClientTLS?
  /// Around every call; told of its beginning in this order, of its end in the other.
  package var interceptors: [any ClientInterceptor] = []
  /// Whether calls that serve no other begin a trace of their own.
  package var beginsTraces = false
  package var http2 = HTTP2Configuration()
  /// Bytes of one response message, as it is sent and when it is decompressed.
  package var maxResponseBytes = 4_194_304
  /// Time that one attempt to connect may take, handshake included.
  package var connectTimeout: Duration = .seconds(10)
  /// Time without an open call after which the connections are closed, until the next call; nil for
  /// never.
  package var idleTimeout: Duration? = .seconds(1800)
  /// Calls that wait for a connection, and as many that wait for another attempt; one more fails.
  package var maxPendingCalls = 4096
  package var backoff = Backoff()
  /// How calls that failed are tried again; nil for not, but for those that no server has
  /// processed.
  package var retryPolicy: RetryPolicy? = RetryPolicy()
  package var retryThrottle = RetryThrottle()
  /// Bytes of requests that one call keeps in case it is tried again; one that sends more is not.
  package var maxRetryBytesPerCall = 4_194_304
  /// Bytes that all calls together keep for that.
  package var maxRetryBytes = 16_777_216
  /// How several servers are used.
  package var loadBalancing = LoadBalancing.pickFirst
  package var resolver: any Resolver = SystemResolver()
  /// The least time between two look-ups of the servers' names.
  package var minResolutionInterval: Duration = .seconds(30)
  /// Sent as `user-agent`.
  package var userAgent = "benchfront"

  /// Servers of gRPC bear a client's PING every five minutes; when one wants fewer, the channel
  /// doubles its interval.
  package init() { http2.keepaliveInterval = .seconds(330) }
}
