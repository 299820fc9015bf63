package import BenchmarkDomain

/// One message of samples that is on the disk and waits for the server's acknowledgement.
package struct SpooledBatch: Sendable, Hashable {
  /// Its number; never used twice in one spool.
  package var sequence: UInt64
  /// The lease under which it was measured.
  package var fence: Fence
  /// The execution that it is of.
  package var executionID: String
  /// The samples, 1 to `sampleLimit`.
  package var samples: [RequestSample]

  /// Most samples of one message.
  package static let sampleLimit = 256

  /// Makes a message.
  package init(sequence: UInt64, fence: Fence, executionID: String, samples: [RequestSample]) {
    self.sequence = sequence
    self.fence = fence
    self.executionID = executionID
    self.samples = samples
  }
}
