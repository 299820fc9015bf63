import APIBindings
import APIMapping
package import BenchmarkDomain
import GRPC
import Scheduling

/// Samples that no execution may have. They end the execution, not the session: an agent that sent
/// them would come back and send them again, for ever.
package struct RefusedSamples: Error, Sendable, Equatable {
  /// The lease under which they came.
  package var fence: Fence
  /// The execution.
  package var executionID: String
  /// What is wrong with them, in a sentence.
  package var reason: String

  /// Makes a refusal.
  package init(fence: Fence, executionID: String, reason: String) {
    self.fence = fence
    self.executionID = executionID
    self.reason = reason
  }
}

extension RefusedSamples {
  /// The refusal of a message that could not be read; nil where it tells no lease and execution, or
  /// carries no samples.
  init?(_ request: AgentSessionRequest.View, because error: RPCError) {
    guard let (fence, executionID) = AgentMessage.execution(ofSamplesIn: request) else {
      return nil
    }
    self.init(fence: fence, executionID: executionID, reason: error.message)
  }
}

extension AgentSession {
  /// Fails the execution with the reason, behind the samples that came before, and takes the lease
  /// back, with which the agent drops what it still has of it. The batch's other executions go to
  /// the next lease.
  package func refuse(_ refused: RefusedSamples) async throws {
    guard agent != nil else { throw SessionViolation(message: "the first message is not a hello") }
    if leases.contains(refused.fence) {
      while unacknowledged > 0 { try await waitForCommit() }
    }
    try await end(refused)
  }

  /// As `refuse`, without a look at what came before.
  func end(_ refused: RefusedSamples) async throws {
    guard let agent else { return }
    services.metrics.refused(leases.contains(refused.fence) ? .invalid : .superseded)
    guard leases.contains(refused.fence) else {
      return revoke(refused.fence, .superseded, "the lease has ended")
    }
    let reason = "refused: \(refused.reason)"
    let isHeld = try await underLease(refused.fence, agent) { state in
      try ExecutionRules.fail(&state, refused.executionID, because: TextRule.report(reason))
    }
    guard isHeld else { return }
    try await services.desk.release(refused.fence)
    revoke(refused.fence, .superseded, reason)
  }
}
