package import BenchmarkDomain
import Scheduling
package import Storage

/// Hands batches to agents and takes them back. It remembers nothing: the store is the authority.
package struct LeaseDesk: Sendable {
  let runs: any RunStore
  let catalog: any CatalogStore
  let signals: RunSignals
  let settings: ControlSettings
  let log: @Sendable (String) -> Void

  /// Makes a desk; `log` hears of batches that cannot be leased or taken back.
  package init(
    runs: any RunStore, catalog: any CatalogStore, signals: RunSignals,
    settings: ControlSettings, log: @escaping @Sendable (String) -> Void
  ) {
    self.runs = runs
    self.catalog = catalog
    self.signals = signals
    self.settings = settings
    self.log = log
  }

  /// Leases the first batch that fits the agent; nil when there is none.
  package func grant(agentID: String, inventory: AgentInventory) async throws -> GrantedLease? {
    for batch in try await runs.pendingBatches(for: inventory, limit: 16) {
      if let lease = try await grant(batch.id, agentID: agentID, inventory: inventory) {
        await signals.publish(.run(lease.runID))
        return try await withModels(lease)
      }
    }
    return nil
  }

  /// Leases one batch; nil when another agent was first, its run ended, or it is damaged.
  private func grant(
    _ batchID: String, agentID: String, inventory: AgentInventory
  ) async throws -> GrantedLease? {
    let duration = settings.leaseDuration
    do {
      return try await runs.updateBatch(batchID, fence: nil) { state in
        let fence = try LeaseRules.grant(&state, to: agentID, inventory: inventory, for: duration)
        return GrantedLease(fence: fence, state)
      }
    } catch is SchedulingRefusal {
      return nil
    } catch let error as StorageError where error.code == .conflict || error.code == .notFound {
      return nil
    } catch let error as StorageError where error.code == .corrupt {
      // The agent can still measure the others.
      log("cannot lease batch \(batchID): \(error.message)")
      return nil
    }
  }

  /// The lease as it stands, for an agent that comes back with it; nil when it is lost.
  package func resume(_ fence: Fence, agentID: String) async throws -> GrantedLease? {
    do {
      let lease: GrantedLease? = try await runs.updateBatch(fence.batchID, fence: fence) {
        [settings] state in
        guard state.batch.agentID == agentID else { return nil }
        state.batch.leaseExpiresAt = state.now.advanced(by: settings.leaseDuration)
        return GrantedLease(fence: fence, state)
      }
      guard let lease else { return nil }
      return try await withModels(lease)
    } catch let error as StorageError where error.code == .superseded || error.code == .notFound {
      return nil
    }
  }

  /// Moves the end of a lease; false when it is lost.
  package func renew(_ fence: Fence, agentID: String) async throws -> Bool {
    try await runs.renewLease(fence, for: settings.leaseDuration, agentID: agentID)
  }

  /// Takes a lease back that its agent gives up; a lost one is left alone.
  package func release(_ fence: Fence) async throws {
    do {
      try await runs.updateBatch(fence.batchID, fence: fence) { LeaseRules.release(&$0) }
    } catch let error as StorageError where error.code == .superseded || error.code == .notFound {
      return
    }
    await signals.publish(.work)
  }

  /// Takes back what an agent has leased and does not know of: its grant was lost on the way.
  package func releaseUnknown(agentID: String, held: [Fence]) async throws {
    for batch in try await runs.leasedBatches(agentID: agentID) {
      let fence = Fence(batchID: batch.id, token: batch.fencingToken)
      if !held.contains(fence) { try await release(fence) }
    }
  }

  /// Takes back every lease that ended unrenewed, and returns how many. What goes wrong with one
  /// is logged and keeps none of the others; one whose run another writer has, perhaps a server
  /// that stands still, is left to the next sweep.
  package func sweep() async throws -> Int {
    var count = 0
    var failures: [any Error] = []
    for batch in try await runs.expiredBatches() {
      do {
        let expired = try await runs.updateFreeBatch(batch.id) { LeaseRules.expire(&$0) }
        guard expired == true else { continue }
        count += 1
        await signals.publish(.run(batch.runID))
      } catch {
        failures.append(error)
      }
    }
    if count > 0 { await signals.publish(.work) }
    if let first = failures.first {
      log("cannot take \(failures.count) expired leases back, the first because of: \(first)")
    }
    return count
  }
}

extension LeaseDesk {
  private func withModels(_ lease: GrantedLease) async throws -> GrantedLease {
    var lease = lease
    for id in Set(lease.items.map(\.configuration.modelID)).sorted() {
      if let model = try await catalog.model(id) { lease.models.append(model) }
    }
    return lease
  }
}

extension GrantedLease {
  /// What is left of a batch.
  init(fence: Fence, _ state: BatchAggregate) {
    self.init(
      fence: fence, runID: state.run.id,
      requestsPerConfiguration: state.run.requestsPerConfiguration,
      warmupRequests: state.run.warmupRequests, seed: state.run.seed,
      items: state.executions.filter(\.hasWorkLeft).map {
        WorkItem(
          executionID: $0.id, configuration: $0.configuration, committed: $0.committed,
          nextSegment: $0.nextSegment)
      }, models: [])
  }
}

extension Execution {
  /// True while it has requests that are not committed.
  var hasWorkLeft: Bool { !state.isTerminal && !committed.isFull }
}
