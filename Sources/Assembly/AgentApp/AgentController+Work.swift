import BenchmarkDomain
import SampleSpool

extension AgentController {
  /// Starts on the first lease unless work is going on.
  func startWork() {
    guard work == nil, !isStopping,
      let lease = leases.first(where: { !workDone.contains($0.fence) })
    else { return }
    currentFence = lease.fence
    work = Task {
      await self.measure(lease)
      self.workEnded()
    }
  }

  private func workEnded() {
    work = nil
    currentFence = nil
    finishLeases()
  }

  private func measure(_ lease: GrantedLease) async {
    for item in lease.items {
      guard !Task.isCancelled else { return }
      do {
        try await measure(item, of: lease)
      } catch is CancellationError {
        return
      } catch {
        let reason = "\(error)"
        log("cannot measure \(item.configuration.id): \(reason)")
        queue(
          .executionFailed(
            lease.fence, executionID: item.executionID, reason: TextRule.report(reason)))
      }
    }
    guard !Task.isCancelled else { return }
    if leases.contains(where: { $0.fence == lease.fence }) { workDone.insert(lease.fence) }
  }

  private func measure(_ item: WorkItem, of lease: GrantedLease) async throws {
    let spooled = try await spool.allPending().filter { $0.executionID == item.executionID }
    var indices = Set(item.committed.missing)
    for batch in spooled { indices.subtract(batch.samples.map { Int($0.requestIndex) }) }
    guard !indices.isEmpty else { return }
    let segment = try await nextSegment(of: item, spooled)
    let identity = try await runner.prepare(item.configuration)
    try identity.check()
    try Task.checkCancellation()
    let workload = item.configuration.workload
    let job = MeasuringJob(
      configuration: item.configuration, indices: indices.sorted(), segment: segment,
      warmupRequests: lease.warmupRequests > 0
        ? Int(lease.warmupRequests) : Int(workload.concurrency),
      seed: lease.seed)
    let askedTokens = UInt32(clamping: workload.outputTokens)
    let writer = SampleWriter { samples in
      await self.keep(
        samples.map { $0.acceptable(askedTokens: askedTokens) }, of: item.executionID,
        under: lease.fence)
    }
    do {
      try await runner.measure(job) { anchor in
        await self.begin(
          lease.fence,
          SegmentStart(
            executionID: item.executionID, segment: segment, wallClockAnchor: anchor,
            engineVersion: identity.version, modelRevision: identity.modelRevision))
      } onSample: { sample in
        await writer.add(sample)
      }
    } catch {
      await writer.finish()
      throw error
    }
    await writer.finish()
    queue(.executionFinished(lease.fence, executionID: item.executionID))
  }

  /// A number that no segment of the execution has, whether the server has heard of it or not.
  private func nextSegment(
    of item: WorkItem, _ spooled: [SpooledBatch]
  ) async throws -> UInt32 {
    let begun = try await spool.segments().map(\.1).filter { $0.executionID == item.executionID }
    let used = begun.map(\.segment) + spooled.flatMap(\.samples).map(\.segment)
    return max(item.nextSegment, used.max().map { $0 + 1 } ?? 0)
  }

  /// The start goes to the spool before any sample: without it the server takes none.
  private func begin(_ fence: Fence, _ start: SegmentStart) async {
    do {
      try await spool.begin(start, fence: fence)
    } catch {
      // This process still knows the start; only its successor would not.
      log("cannot spool the start of a segment: \(error)")
    }
    queue(.segmentStarted(fence, start))
  }

  private func queue(_ message: AgentMessage) {
    outbox.append(message)
    pump()
  }

  /// Puts samples into the spool, then on their way.
  func keep(_ samples: [RequestSample], of executionID: String, under fence: Fence) async {
    guard !samples.isEmpty else { return }
    do {
      for batch in try await spool.append(samples, executionID: executionID, fence: fence) {
        outbox.append(batch)
      }
      pump()
    } catch {
      // Unspooled samples are not reported: their requests stay missing and are measured again.
      log("cannot spool \(samples.count) samples, they will be measured again: \(error)")
    }
  }
}

extension Spool {
  /// Every message that nobody has acknowledged, in order.
  func allPending() async throws -> [SpooledBatch] {
    var all: [SpooledBatch] = []
    while true {
      let page = try await pending(after: all.last?.sequence ?? 0)
      all += page
      if page.isEmpty { return all }
    }
  }
}
