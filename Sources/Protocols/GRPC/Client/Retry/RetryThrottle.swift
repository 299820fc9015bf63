/// Stops retries while too many attempts fail (gRFC A6): the budget of a channel.
///
/// A failure costs a token, a success gives back `ratio` of one; with half of the tokens or fewer
/// nothing is tried again.
package struct RetryThrottle: Sendable {
  /// In thousandths of a token.
  private let most: Int
  private let gain: Int
  private var tokens: Int

  /// A full budget; both above 0, of `ratio` the first three decimals count.
  package init(maxTokens: Int = 1_000, ratio: Double = 0.1) {
    precondition(maxTokens > 0 && maxTokens <= 1_000_000 && ratio > 0 && ratio <= 1_000_000)
    most = maxTokens * 1_000
    gain = max(1, Int(ratio * 1_000))
    tokens = most
  }

  /// Whether retries are allowed.
  var isOpen: Bool { tokens > most / 2 }

  mutating func failed() { tokens = max(0, tokens - 1_000) }

  mutating func succeeded() { tokens = min(most, tokens + gain) }
}
