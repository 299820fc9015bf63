/// Why a statistic was refused; thrown for input, never for our own bugs.
package struct StatisticsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of input was refused.
  package enum Code: Sendable, Equatable {
    /// A sample without values.
    case empty
    /// A NaN or an infinity.
    case notFinite
    /// A number outside its range, or so large that a sum of them overflows.
    case outOfRange
    /// Time stamps that run backwards or contradict their gaps.
    case outOfOrder
    /// Bytes that are no encoding of gaps.
    case malformed
  }

  package let code: Code
  /// One plain sentence that names the value or position.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
