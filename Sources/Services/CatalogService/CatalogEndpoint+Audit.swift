package import APIBindings
import APIMapping
package import GRPC
import Storage

extension CatalogEndpoint {
  package func listAuditRecords(
    _ request: ListAuditRecordsRequest.View, _ context: ServerContext
  ) throws -> Reply<ListAuditRecordsResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    return later { [audit] in
      let records = try await audit.auditRecords(page: page)
      return ListAuditRecordsResponse(
        records: records.items.map { APIBindings.AuditRecord($0) },
        nextPageToken: records.nextToken)
    }
  }
}
