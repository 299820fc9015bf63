import APIBindings
import CatalogService
import Foundation
import GRPC
import Reactor
import SQLiteStorage
import Synchronization

/// The service on an empty SQLite store, reached over a loopback socket.
final class TestServer: Sendable {
  let catalog: CatalogClient
  private let folder: URL
  private let loops: EventLoopGroup
  private let server: GRPCServer
  private let channel: ClientChannel
  let store: SQLiteStore
  /// What it told to have changed, in order; nil is everything.
  let changes: Changes

  private init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    store = try SQLiteStore(folder: folder.path)
    loops = try EventLoopGroup(count: 1)
    var router = Router()
    let changes = Changes()
    self.changes = changes
    router.register(
      catalog: CatalogEndpoint(
        catalog: store, runs: store, audit: store, dataChanged: { changes.add($0) }))
    server = GRPCServer(router: router, group: loops)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    channel = ClientChannel(target: address.description, loop: loops.next())
    catalog = CatalogClient(channel)
  }

  /// Runs `body` against a server of its own and takes everything away behind it.
  static func with(_ body: (CatalogClient) async throws -> Void) async throws {
    try await run { try await body($0.catalog) }
  }

  /// As `with`, for those who look into the store, too.
  static func run(_ body: (TestServer) async throws -> Void) async throws {
    let server = try TestServer()
    do { try await body(server) } catch {
      await server.close()
      throw error
    }
    await server.close()
  }

  private func close() async {
    await channel.close()
    await server.drain(grace: .zero)
    loops.shutdown()
    // A folder that stays behind in the temporary folder spoils nothing.
    try? store.close()
    try? FileManager.default.removeItem(at: folder)
  }
}

/// Keeps which models were told to have changed.
final class Changes: Sendable {
  private let kept = Mutex<[Set<String>?]>([])
  var told: [Set<String>?] { kept.withLock { $0 } }
  func add(_ modelIDs: Set<String>?) { kept.withLock { $0.append(modelIDs) } }
}

/// The status that a call ends with; nil when it ends well.
func status(_ call: () async throws -> some Sendable) async throws -> RPCError? {
  do {
    _ = try await call()
    return nil
  } catch let error as RPCError { return error }
}
