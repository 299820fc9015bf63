/// Why an archive is refused.
package struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One plain sentence without its end, which says where.
  package let message: String

  init(_ message: String) { self.message = message }

  /// The file is something else.
  static let isNone = ArchiveError(
    "it does not begin as an archive of benchfront-server export does")

  /// The sentence.
  package var description: String { message }
}

/// What a target gave back is not what it was given.
package struct VerificationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One plain sentence without its end.
  package let message: String

  init(_ message: String) { self.message = message }

  /// The sentence.
  package var description: String { message }
}
