/// Why an import was refused as a whole; nothing of it is kept.
package struct ImportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of fault.
  package enum Code: String, Sendable {
    /// No importer reads this format, or none recognises the content.
    case unknownFormat
    /// The content is not what the named tool writes: columns are missing.
    case missingColumns
    /// The file breaks the rules of its syntax.
    case malformed
    /// A field holds what it may not: NaN, a negative time, another unit.
    case badValue
    /// More bytes, columns or rows than are read.
    case tooLarge
    /// There is no row.
    case empty
  }

  /// What kind.
  package let code: Code
  /// Line, counted from 1; nil where the fault has no place.
  package let line: Int?
  /// One sentence for people.
  package let message: String

  /// Makes an error.
  package init(_ code: Code, line: Int? = nil, _ message: String) {
    self.code = code
    self.line = line
    self.message = message
  }

  /// "line 12: message", or the message alone.
  package var description: String {
    if let line { "line \(line): \(message)" } else { message }
  }
}
