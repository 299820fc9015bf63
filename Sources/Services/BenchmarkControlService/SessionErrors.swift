/// An agent broke the session's rules; the session ends with INVALID_ARGUMENT.
package struct SessionViolation: Error, Sendable, Equatable {
  /// What it did, in a sentence.
  package var message: String
}

/// A session passed one of its bounds, and ends with RESOURCE_EXHAUSTED; the agent may come back.
package struct SessionOverload: Error, Sendable, Equatable {
  /// Which bound, in a sentence.
  package var message: String
}
