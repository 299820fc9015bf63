package import APIBindings
package import BenchmarkDomain

extension APIBindings.AuditRecord {
  package init(_ record: BenchmarkDomain.AuditRecord) {
    self.init(
      id: record.id, recordedAt: Timestamp(record.recordedAt), caller: record.call.caller,
      roles: record.call.roles, method: record.call.method, subject: record.call.subject,
      code: record.call.code)
  }
}
