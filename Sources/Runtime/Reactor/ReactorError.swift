import Glibc

/// A failure of the operating system or of an address, with the operation that met it.
package struct ReactorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable, Equatable {
    /// A system call failed; `errorNumber` says how.
    case system
    /// The text is not an address.
    case badAddress
    /// The operation did not finish in its time.
    case timedOut
    /// The object was closed before.
    case closed
  }

  package let code: Code
  package let message: String
  /// The `errno` of a failed system call, otherwise 0.
  package let errorNumber: Int32

  package init(code: Code, message: String, errorNumber: Int32 = 0) {
    self.code = code
    self.message = message
    self.errorNumber = errorNumber
  }

  /// The error of a system call that has just failed on this thread.
  package static func system(_ operation: String) -> ReactorError {
    system(operation, errno)
  }

  /// The error of a system call that failed with `number`.
  package static func system(_ operation: String, _ number: Int32) -> ReactorError {
    ReactorError(
      code: .system, message: "\(operation): \(describe(errorNumber: number))",
      errorNumber: number)
  }

  /// The text of an `errno`.
  package static func describe(errorNumber: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, strerror_r(errorNumber, base, buffer.count) == 0 else {
        return "error \(errorNumber)"
      }
      return String(cString: base)
    }
  }

  package var description: String { message }
}
