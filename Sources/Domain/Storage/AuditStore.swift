package import BenchmarkDomain

/// Who changed what. Every call may suspend on I/O and throws `StorageError`.
package protocol AuditStore: Sendable {
  /// Adds records in order, all or none; `age` is how long ago a call ended.
  func append(_ calls: [(call: AuditedCall, age: Duration)]) async throws
  /// Lists records, the newest first.
  func auditRecords(page: PageRequest) async throws -> Page<AuditRecord>
  /// Forgets records of before a time, in steps between which other writers have their turn.
  func dropAuditRecords(before time: WallTime) async throws
}

/// How long a store keeps what grows without end; nil for ever.
package struct Retention: Sendable, Hashable {
  /// Samples, behind the end of their run.
  package var samples: Duration?
  /// Records of who changed what.
  package var audit: Duration?

  /// Keeps everything but what is said otherwise.
  package init(samples: Duration? = nil, audit: Duration? = nil) {
    (self.samples, self.audit) = (samples, audit)
  }
}

extension RunStore where Self: AuditStore {
  /// Drops what a retention does not keep at that time.
  package func drop(by retention: Retention, at now: WallTime) async throws {
    if let time = retention.audit {
      try await dropAuditRecords(before: now.advanced(by: .zero - time))
    }
    if let time = retention.samples {
      try await dropSamples(ofRunsEndedBefore: now.advanced(by: .zero - time))
    }
  }
}
