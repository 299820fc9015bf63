/// What the simulated engine does wrong when asked to, so that clients can be tried.
package enum Misbehaviour: String, Sendable, Hashable, CaseIterable {
  /// Takes the request and never answers.
  case hang
  /// Begins to answer and stops in the middle without closing.
  case stall
  /// Sends a chunk that is no JSON.
  case garbage
  /// Closes the connection in the middle of the stream.
  case closeMidStream = "close-mid-stream"
  /// Closes the connection before the first byte.
  case closeAtOnce = "close-at-once"
  /// Ends cleanly in the middle: neither a finish reason nor `[DONE]`.
  case cutShort = "cut-short"
  /// Reports more tokens of the prompt than any has.
  case absurdUsage = "absurd-usage"
  /// Reports no usage.
  case noUsage = "no-usage"
  /// Sends no `[DONE]`, but a finish reason.
  case noDone = "no-done"
  /// Goes on past `max_tokens`.
  case ignoreMaxTokens = "ignore-max-tokens"
  /// Answers status 500.
  case http500 = "http-500"
  /// Reports an error in the stream.
  case errorInStream = "error-in-stream"
  /// Ends well and says nothing.
  case empty
  /// Closes after each answer although it has announced to keep the connection.
  case closesSilently = "closes-silently"
  /// Sends two tokens in one chunk.
  case pairs
  /// Reasons before it answers.
  case reasoning
}
