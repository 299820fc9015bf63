/// How a client speaks to its Redis.
package struct RedisConfiguration: Sendable {
  /// Where it is, and who we are.
  package var url: RedisURL
  /// Longest that connecting takes, looking up the name and logging in included.
  package var connectTimeout: Duration = .seconds(2)
  /// Longest that a command takes when its caller does not say.
  package var commandTimeout: Duration = .seconds(1)
  /// Longest that a connection says nothing while an answer is due; it is given up then.
  package var answerTimeout: Duration = .seconds(2)
  /// How often a connection that only listens is tried.
  package var checkAfter: Duration = .seconds(15)
  /// Most commands that wait for their answers on one connection; further ones are refused.
  package var maxPending = 1024
  /// Most bytes of commands that the socket has not taken; further commands are refused.
  package var maxUnsentBytes = 16 << 20
  /// Most bytes of one answer; a connection that brings more is given up.
  package var maxReplyBytes = 64 << 20
  /// Most values of one answer, those of arrays in arrays included.
  package var maxReplyElements = 1 << 16
  /// First and longest pause after connecting failed; it doubles, and chance shortens it.
  package var backoff: ClosedRange<Duration> = .milliseconds(50) ... .seconds(5)

  /// A configuration of defaults.
  package init(_ url: RedisURL) { self.url = url }
}
