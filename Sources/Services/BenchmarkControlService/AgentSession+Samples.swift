import BenchmarkDomain
import Statistics
import Storage

extension AgentSession {
  /// Messages of so many bytes are taken without a look at the room: heartbeats among them.
  private static let smallBytes = 4096
  /// A message in memory as it came, as it is decoded, and as samples.
  private static let copies = 3

  /// Makes room for the next message before it is read; nil for one that needs none.
  package func roomToRead(_ bytes: Int) async throws -> RoomShare? {
    bytes <= Self.smallBytes ? nil : try await takeRoom(bytes * Self.copies)
  }

  /// Takes samples in: waits while the process is short of room, or the agent over its credit, then
  /// commits beside the session.
  func accept(
    _ samples: [RequestSample], of executionID: String, _ fence: Fence, _ sequence: UInt64,
    _ room: RoomShare?
  ) async throws {
    guard !samples.isEmpty, samples.count <= 256 else {
      throw SessionViolation(message: "a message of \(samples.count) samples; 1 to 256 are allowed")
    }
    let bytes = samples.residentBytes
    var share = room
    if share == nil { share = try await takeRoom(bytes) }
    share?.shrink(to: bytes)
    let execution = try await measuredExecution(executionID)
    // It was lost while this waited, and with it what was announced under it.
    guard leases.contains(fence) else { return refuseSuperseded(fence) }
    try checkSegments(of: samples, executionID, fence)
    try check(samples, of: execution, fence)
    while unacknowledged > 0 && unacknowledged + samples.count > services.settings.sampleCredit {
      try await waitForCommit()
    }
    unacknowledged += samples.count
    let commit = SampleCommit(fence: fence, executionID: executionID, samples: samples)
    Task { [share] in await self.commit(commit, of: execution.runID, sequence, share) }
  }

  /// Waits for room. The agent's heartbeats wait behind its samples then, so that its leases are
  /// renewed for it meanwhile.
  private func takeRoom(_ bytes: Int) async throws -> RoomShare {
    let room = services.room
    if !room.takeNow(bytes) {
      let interval = services.settings.heartbeatInterval
      let renewals = Task {
        while true {
          try await Task.sleep(for: interval)
          // While the store fails no lease expires.
          try? await self.checkLeases()
        }
      }
      defer { renewals.cancel() }
      try await room.take(bytes)
    }
    return RoomShare(of: room, bytes: bytes)
  }

  /// Refuses samples of a segment that was not announced, since what it was measured on would be
  /// unknown.
  private func checkSegments(
    of samples: [RequestSample], _ executionID: String, _ fence: Fence
  ) throws {
    var last: UInt32?
    for index in samples.indices where samples[index].segment != last {
      let segment = samples[index].segment
      guard leases.isAnnounced(segment, of: executionID, under: fence) else {
        throw SessionViolation(
          message: "samples of segment \(segment), which was not announced in this session")
      }
      last = segment
    }
  }

  /// Refuses samples that say what no request can be.
  private func check(
    _ samples: [RequestSample], of execution: MeasuredExecution, _ fence: Fence
  ) throws {
    for index in samples.indices {
      do throws(StatisticsError) {
        try samples[index].checkConsistency(askedTokens: execution.tokens)
      } catch {
        throw RefusedSamples(
          fence: fence, executionID: execution.id,
          reason: "sample \(samples[index].requestIndex): \(error.message)")
      }
    }
  }

  private func measuredExecution(_ id: String) async throws -> MeasuredExecution {
    if let measured, measured.id == id { return measured }
    guard let execution = try await services.runs.execution(id) else {
      throw SessionViolation(message: "there is no execution \(id)")
    }
    let found = MeasuredExecution(
      id: id, runID: execution.runID,
      tokens: UInt32(clamping: execution.configuration.workload.outputTokens))
    measured = found
    return found
  }

  private func commit(
    _ commit: SampleCommit, of runID: String, _ sequence: UInt64, _ share: RoomShare?
  ) async {
    var refused: RefusedSamples?
    do {
      let outcome = try await services.ingest.commit(commit, runID: runID)
      share?.shrink(to: 0)
      if case .failed(let error) = outcome, error.code == .invalid {
        refused = RefusedSamples(
          fence: commit.fence, executionID: commit.executionID, reason: error.message)
      } else {
        settle(outcome, commit, sequence)
      }
      if case .committed(let runID, _, _, let isFull) = outcome {
        await services.signals.publish(.run(runID))
        if isFull { try await services.results.finish(commit.executionID) }
      }
    } catch {
      failure.yield(error)
    }
    unacknowledged -= commit.samples.count
    wake()
    guard let refused else { return }
    do { try await end(refused) } catch { failure.yield(error) }
  }

  /// Waits until some samples are committed or refused; throws when the session ends meanwhile,
  /// which a store that fails does not hold up.
  func waitForCommit() async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { creditWaiter = continuation }
      }
    } onCancel: {
      Task { await self.wake() }
    }
    try Task.checkCancellation()
  }

  /// Lets the tests see that a message waits.
  var isWaitingForCommit: Bool { creditWaiter != nil }

  private func wake() {
    creditWaiter?.resume()
    creditWaiter = nil
  }

  private func settle(_ outcome: SampleCommitOutcome, _ commit: SampleCommit, _ sequence: UInt64) {
    switch outcome {
    case .committed(_, let number, _, _):
      send(
        .acknowledged(
          executionID: commit.executionID, sequence: sequence, commitNumber: number))
    case .superseded:
      revoke(commit.fence, .superseded, "the lease has ended")
    case .failed(let error):
      failure.yield(error)
    case .refused(let reason):
      failure.yield(SessionViolation(message: reason))
    }
  }
}

/// What a session has to know of the execution whose samples come.
struct MeasuredExecution {
  let id: String
  let runID: String
  /// Tokens that each request asks for.
  let tokens: UInt32
}
