import APIBindings
import APIMapping
import BenchmarkDomain
import GRPC
package import Storage

/// The Catalog service on a store. Every answer waits for the store, off the connection's loop.
package struct CatalogEndpoint: Sendable {
  let catalog: any CatalogStore
  let runs: any RunStore
  let audit: any AuditStore
  let dataChanged: @Sendable (Set<String>?) -> Void

  /// Makes the service. `dataChanged` is called after a call changed what rankings read, with the
  /// models of which it did, or nil for all.
  package init(
    catalog: any CatalogStore, runs: any RunStore, audit: any AuditStore,
    dataChanged: @escaping @Sendable (Set<String>?) -> Void = { _ in }
  ) {
    self.catalog = catalog
    self.runs = runs
    self.audit = audit
    self.dataChanged = dataChanged
  }

  /// An answer that waits for the store; its errors become statuses.
  func later<Message>(
    _ work: @escaping @Sendable () async throws -> Message
  ) -> Reply<Message> {
    .later {
      do { return try await work() } catch let error as StorageError {
        throw RPCError(error)
      }
    }
  }

  /// What the store found, or NOT_FOUND naming it.
  func found<Value>(_ value: Value?, _ kind: String, _ id: String) throws(RPCError) -> Value {
    guard let value else { throw RPCError(.notFound, "there is no \(kind) '\(id)'") }
    return value
  }
}
