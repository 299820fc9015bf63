/// A call that changed something, or was to.
package struct AuditedCall: Sendable, Hashable {
  /// Name of the caller; empty where nothing proved one.
  package var caller: String
  /// Names of what the caller may do.
  package var roles: [String]
  /// Full name of the method: service, slash, method.
  package var method: String
  /// What it was about; empty where it named nothing.
  package var subject: String
  /// Code of the gRPC status that it ended with.
  package var code: Int32

  /// Makes a call.
  package init(caller: String, roles: [String], method: String, subject: String, code: Int32) {
    self.caller = caller
    self.roles = roles
    self.method = method
    self.subject = subject
    self.code = code
  }
}

/// What a store keeps of a call.
package struct AuditRecord: Sendable, Hashable {
  /// Grows from record to record.
  package var id: Int64
  /// When the call ended, by the store's clock.
  package var recordedAt: WallTime
  /// The call.
  package var call: AuditedCall

  /// Makes a record.
  package init(id: Int64, recordedAt: WallTime, call: AuditedCall) {
    self.id = id
    self.recordedAt = recordedAt
    self.call = call
  }
}
