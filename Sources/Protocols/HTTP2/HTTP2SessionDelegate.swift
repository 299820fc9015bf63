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
  /// A GOAWAY is on its way, ours or the library's own.
  func sessionSentGoAway(_ code: HTTP2ErrorCode)
  /// What requests bring is withheld until other connections hold less; call `lookForRoom` soon.
  func sessionAwaitsRoom()
}

extension HTTP2SessionDelegate {
  package func sessionSentGoAway(_ code: HTTP2ErrorCode) {}
  package func sessionAwaitsRoom() {}
}
