/// Why a ranking was refused; thrown for input, never for our own bugs.
package struct RankingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of input was refused.
  package enum Code: Sendable, Equatable {
    /// Numbers of rows, criteria, weights or bounds that do not fit together.
    case shape
    /// A NaN or an infinity.
    case notFinite
    /// Weights that are negative or all zero, or bounds that lie the wrong way round.
    case outOfRange
  }

  package let code: Code
  /// One plain sentence that names the row, criterion or weight.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
