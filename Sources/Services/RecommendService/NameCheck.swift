import BenchmarkDomain
import GRPC
import Storage

/// Refuses names that nobody knows, so that an empty answer never hides a typing error.
struct NameCheck {
  let filter: ConfigurationFilter
  let catalog: any CatalogStore

  /// True when the snapshot knows every name; what it does not know may be registered since.
  func isPassed(by snapshot: RankingSnapshot) -> Bool {
    snapshot.unknownModels(filter).isEmpty && snapshot.unknownHardware(filter).isEmpty
      && snapshot.unknownAccelerators(filter).isEmpty && snapshot.unknownEngines(filter).isEmpty
      && snapshot.unknownQuantizations(filter).isEmpty
  }

  /// Refuses a name that the catalog does not know either, with NOT_FOUND and the names like it.
  func check(_ snapshot: RankingSnapshot) async throws {
    for id in snapshot.unknownModels(filter) where try await catalog.model(id) == nil {
      throw Self.missing("model", id, snapshot.knownModels)
    }
    for id in snapshot.unknownHardware(filter) where try await catalog.hardware(id) == nil {
      throw Self.missing("hardware profile", id, snapshot.knownHardware)
    }
    for id in snapshot.unknownEngines(filter) where try await catalog.engine(id) == nil {
      let page = try await catalog.engines(page: PageRequest(size: 1_000))
      throw Self.missing("engine", id, page.items.map(\.id))
    }
    let accelerators = snapshot.unknownAccelerators(filter)
    if !accelerators.isEmpty {
      let known = try await registeredAccelerators()
      for name in accelerators where !known.contains(name) {
        throw Self.missing("accelerator", name, known)
      }
    }
    if let id = snapshot.unknownQuantizations(filter).first {
      throw Self.missing(
        "quantization", id, Quantization.known.map(\.id) + snapshot.quantizations.names)
    }
  }

  private func registeredAccelerators() async throws -> Set<String> {
    var (found, token) = (Set<String>(), "")
    repeat {
      let page = try await catalog.hardware(page: PageRequest(size: 1_000, token: token))
      found.formUnion(page.items.map(\.accelerator))
      token = page.nextToken
    } while !token.isEmpty
    return found
  }

  private static func missing(
    _ kind: String, _ name: String, _ known: some Sequence<String>
  ) -> RPCError {
    RPCError(.notFound, "there is no \(kind) '\(name)'" + NameHint.text(for: name, among: known))
  }
}
