/// Why a matrix was refused; it always comes from outside.
package struct MatrixError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of fault.
  package enum Code: String, Sendable {
    /// A dimension has no value.
    case emptyDimension
    /// A number is outside its range, or a name too long.
    case outOfRange
    /// More combinations than `Matrix.maximumCombinations`.
    case tooLarge
    /// A name that the catalog does not have.
    case unknownReference
  }

  /// What kind.
  package let code: Code
  /// The field, e.g. "workloads[0].input_tokens".
  package let field: String
  /// One sentence for people.
  package let message: String

  /// Makes an error.
  package init(_ code: Code, field: String, _ message: String) {
    self.code = code
    self.field = field
    self.message = message
  }

  /// The field and the sentence.
  package var description: String { "\(field): \(message)" }
}
