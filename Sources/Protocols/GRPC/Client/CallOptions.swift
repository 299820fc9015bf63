/// What a caller may say about one call.
package struct CallOptions: Sendable {
  package var metadata: Metadata
  /// How long the caller waits; the server learns it too. Nil for as long as it takes.
  package var timeout: Duration?
  /// Whether the call waits for a connection instead of failing when none can be had.
  package var waitForReady: Bool

  package init(
    metadata: Metadata = Metadata(), timeout: Duration? = nil, waitForReady: Bool = false
  ) {
    self.metadata = metadata
    self.timeout = timeout
    self.waitForReady = waitForReady
  }
}
