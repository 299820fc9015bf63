/// What a session tells its owner, during `receive` or `takeOutput`.
package protocol HTTP2SessionDelegate: AnyObject {
  /// The peer has opened a stream; give it a handler.
  func sessionOpened(_ stream: HTTP2Stream)
  /// There may be output now.
  func sessionHasOutput()
  /// The peer takes no new streams, and perhaps says why.
  func sessionReceivedGoAway(_ code: HTTP2ErrorCode, _ reason: String)
  /// The peer has answered a PING.
  func sessionReceivedPingAnswer()
}
