import BenchmarkDomain
import PostgresClient
import PostgresStorage
import Reactor
import SQLiteStorage
import Storage

/// Where a server keeps its data.
enum ServerStore: Sendable {
  /// In a folder of its own.
  case sqlite(SQLiteStore)
  /// In a database that other servers may share.
  case postgres(PostgresStore)

  /// Opens what the settings name, brought to this version; throws `StorageError`.
  static func open(
    _ settings: ServerSettings, _ loops: EventLoopGroup
  ) async throws -> ServerStore {
    guard let database = settings.postgres else {
      let store = try SQLiteStore(folder: settings.dataFolder)
      store.keep(by: settings.retention)
      return .sqlite(store)
    }
    var storage = PostgresStoreSettings(PostgresConfiguration(database))
    storage.retention = settings.retention
    return .postgres(try await PostgresStore.open(storage, loops: loops.loops))
  }

  /// Models, hardware, engines, prices, results.
  var catalog: any CatalogStore { both }

  /// Runs, batches, samples.
  var runs: any RunStore { both }

  /// Who changed what.
  var audit: any AuditStore { both }

  /// Whether it answers and takes writes.
  var watched: any WatchedStore { both }

  private var both: any CatalogStore & RunStore & AuditStore & WatchedStore {
    switch self {
    case .sqlite(let store): store
    case .postgres(let store): store
    }
  }

  /// Ends its use; the loops have to run still.
  func close() async throws {
    switch self {
    case .sqlite(let store): try store.close()
    case .postgres(let store): await store.close()
    }
  }
}

extension StartupError {
  /// - Parameter place: what cannot be used, as the subject of a sentence.
  init(storage error: any Error, of place: String) {
    switch error {
    case let error as StartupError: self = error
    case let error as StorageError:
      let kind: Kind =
        switch error.code {
        case .invalid: .usage
        case .failedPrecondition: .refused
        case .corrupt: .failed
        default: .unavailable
        }
      self.init(kind, "\(place) cannot be used: \(error.message)")
    default: self.init(.unavailable, "the server cannot start: \(error)")
    }
  }
}
