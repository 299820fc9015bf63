/// Why a transfer ended without a whole answer.
package struct TransferError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable, Hashable {
    /// The name is unknown, or nobody answers at the address.
    case couldNotConnect
    /// The connect, idle or total timeout has passed.
    case timedOut
    /// The connection ended before the first byte of an answer.
    case closedBeforeFirstByte
    /// The connection ended in the middle of the answer.
    case brokeOff
    /// The answer is not HTTP.
    case malformed
    /// The body exceeds its bound.
    case tooLarge
    /// Our own side cancelled it.
    case cancelled
    /// The request cannot be sent, e.g. because its address is not one.
    case badRequest
    /// Another failure, e.g. of TLS.
    case failed
  }

  /// What kind of failure it is.
  package let code: Code
  /// One plain sentence.
  package let message: String

  /// Makes an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The sentence.
  package var description: String { message }
}
