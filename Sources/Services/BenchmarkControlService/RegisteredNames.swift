import BenchmarkDomain
import Storage

extension CatalogStore {
  /// Ids of the first thousand models, for messages that list what there is.
  func registeredModelIDs() async throws -> [String] {
    try await models(kind: nil, page: PageRequest(size: 1_000)).items.map(\.id)
  }

  /// Ids of the first thousand hardware profiles.
  func registeredHardwareIDs() async throws -> [String] {
    try await hardware(page: PageRequest(size: 1_000)).items.map(\.id)
  }

  /// Ids of the first thousand engines.
  func registeredEngineIDs() async throws -> [String] {
    try await engines(page: PageRequest(size: 1_000)).items.map(\.id)
  }

  /// Refuses, with `failedPrecondition`, an inventory of hardware or engines that are not
  /// registered: no batch would ever fit the agent, and nobody would hear why.
  func check(_ inventory: AgentInventory) async throws {
    for (index, id) in inventory.hardwareIDs.enumerated() where try await hardware(id) == nil {
      throw StorageError(
        .failedPrecondition,
        "hello.inventory.hardware_ids[\(index)]: unknown hardware profile \"\(id)\""
          + NameHint.text(for: id, among: try await registeredHardwareIDs()))
    }
    for (index, id) in inventory.engineIDs.enumerated() where try await engine(id) == nil {
      throw StorageError(
        .failedPrecondition,
        "hello.inventory.engine_ids[\(index)]: unknown engine \"\(id)\""
          + NameHint.text(for: id, among: try await registeredEngineIDs()))
    }
  }
}
