/// What a connection tells its owner; every method is called on its loop.
package protocol HTTP2ConnectionDelegate: AnyObject {
  /// The peer has opened a stream; give it a handler.
  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream)
  /// The peer takes no new streams; `HTTP2Connection.farewell` says why.
  func connectionIsDraining(_ connection: HTTP2Connection)
  /// The peer has sent its SETTINGS; called once, first.
  func connectionIsReady(_ connection: HTTP2Connection)
  /// The peer is told to go.
  func connection(_ connection: HTTP2Connection, says goodbye: Goodbye)
  /// The connection is closed; called once, last, after its streams were ended.
  func connectionClosed(_ connection: HTTP2Connection, _ reason: String)
}

extension HTTP2ConnectionDelegate {
  package func connection(_ connection: HTTP2Connection, says goodbye: Goodbye) {}
}
