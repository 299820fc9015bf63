/// Why a matrix file was refused.
package struct MatrixFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of fault.
  package enum Code: String, Sendable {
    /// More bytes than `MatrixDocument.maximumBytes`.
    case tooLarge
    /// Bytes that are no UTF-8.
    case notText
    /// Something that is not YAML, or more than one document.
    case syntax
    /// An anchor, an alias or a merge key.
    case alias
    /// A key that no matrix has.
    case unknownKey
    /// A key that must stand.
    case missingKey
    /// A list where a text should be, a text where a number should be, and so on.
    case wrongType
    /// A version of the format that is not known here.
    case unsupportedVersion
    /// A matrix that is readable and makes no sense, e.g. an empty dimension.
    case invalidMatrix
  }

  /// What kind.
  package let code: Code
  /// Line, counted from 1; nil where the fault has no place.
  package let line: Int?
  /// Column, counted from 1; nil where the fault has no place.
  package let column: Int?
  /// One sentence for people.
  package let message: String

  /// Makes an error.
  package init(_ code: Code, line: Int? = nil, column: Int? = nil, _ message: String) {
    self.code = code
    self.line = line
    self.column = column
    self.message = message
  }

  /// "line:column: message", or the message alone.
  package var description: String {
    if let line, let column { "\(line):\(column): \(message)" } else { message }
  }
}
