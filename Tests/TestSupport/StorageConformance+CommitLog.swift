internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  static let commitLog: [StorageConformance] = [
    StorageConformance("commits of runs that ended before a time go, but each run's last") { test in
      for name in ["old", "new", "open"] {
        let (run, batches, executions) = Example.run(name, requests: 4000)
        _ = try await test.store.create(run, batches: batches, executions: executions)
        let fence = try await test.store.updateBatch("\(name)-b0", fence: nil) { aggregate in
          aggregate.batch.state = .leased
          aggregate.batch.agentID = "a"
          aggregate.batch.fencingToken += 1
          aggregate.run.startedAt = aggregate.now
          return Fence(batchID: "\(name)-b0", token: 1)
        }
        for start: UInt32 in stride(from: 0, to: 2500, by: 250) {
          _ = try await test.store.commit([
            SampleCommit(
              fence: fence, executionID: "\(name)-b0-e0",
              samples: (start..<start + 250).map { Example.sample($0) })
          ])
        }
      }
      _ = try await test.store.cancelRun("old")
      test.clock.advance(by: .seconds(10))
      let time = test.clock.now
      _ = try await test.store.cancelRun("new")
      // Twice: what is dropped stays so.
      for _ in 0..<2 { try await test.store.dropSamples(ofRunsEndedBefore: time) }
      let old = try present(try await test.store.run("old"))
      try checkEqual(old.committedSampleCount, 2500)
      try checkEqual(
        try await test.store.commits(runID: "old", after: 0, limit: 100).map(\.event), [.run(old)])
      for name in ["new", "open"] {
        let run = try present(try await test.store.run(name))
        let commits = try await test.store.commits(runID: name, after: 0, limit: 100)
        try checkEqual(commits.map(\.number), Array(1...run.commitNumber))
        try checkEqual(try await test.store.samples(executionID: "\(name)-b0-e0").count, 2500)
      }
    },
    StorageConformance("every commit of a run has a number and is told in order") { test in
      let fence = try await start(test)
      _ = try await test.store.commit([
        SampleCommit(
          fence: fence, executionID: "run-b0-e1", samples: [Example.sample(4), Example.sample(2)])
      ])
      try await test.store.updateBatch("run-b0", fence: fence) { aggregate in
        aggregate.executions[0].state = .failed
        aggregate.executions[0].failure = "It broke."
        aggregate.run.failedCount = 1
      }
      let run = try present(try await test.store.run("run"))
      let execution = try present(try await test.store.execution("run-b0-e1"))
      let commits = try await test.store.commits(runID: "run", after: 0, limit: 100)
      try checkEqual(commits.map(\.number), [1, 2, 3, 4])
      try checkEqual(run.commitNumber, 4)
      guard case .run(let leased) = commits[0].event else {
        throw ConformanceFailure(description: "found \(commits[0])")
      }
      try checkEqual(leased.state, .running)
      try checkEqual(leased.commitNumber, 1)
      try checkEqual(leased.committedSampleCount, 0)
      try checkEqual(
        commits[1].event,
        .samples(
          executionID: "run-b0-e1", configurationID: execution.configuration.id,
          [Example.sample(2), Example.sample(4)]))
      guard case .execution("run-b0-e0", _, .failed, "It broke.", "a") = commits[2].event else {
        throw ConformanceFailure(description: "found \(commits[2])")
      }
      try checkEqual(commits[3].event, .run(run))
      try check(commits.allSatisfy { $0.committedAt == test.clock.now }, "another time")
    },
    StorageConformance("the log goes on behind a number, at most so many") { test in
      let fence = try await start(test, requests: 100)
      for index: UInt32 in 0..<20 {
        _ = try await test.store.commit([
          SampleCommit(
            fence: fence, executionID: "run-b0-e0",
            samples: [Example.sample(index), Example.sample(99 - index)])
        ])
      }
      var seen: [UInt32] = []
      var number: Int64 = 1
      while true {
        let commits = try await test.store.commits(runID: "run", after: number, limit: 7)
        try check(commits.count <= 7, "too many")
        guard let last = commits.last else { break }
        for commit in commits {
          try checkEqual(commit.number, number + 1)
          number = commit.number
          guard case .samples(_, _, let samples) = commit.event else {
            throw ConformanceFailure(description: "found \(commit)")
          }
          try checkEqual(samples.count, 2)
          seen.append(samples[0].requestIndex)
        }
        try checkEqual(last.number, number)
      }
      try checkEqual(seen, Array(0..<20))
      try checkEqual(try await test.store.commits(runID: "other", after: 0, limit: 1), [])
      try await checkRefused(.invalid) {
        try await test.store.commits(runID: "run", after: 0, limit: 0)
      }
    },
    StorageConformance("a change of an execution that leaves its state takes no number") { test in
      let fence = try await start(test)
      let before = try await test.store.run("run")
      try await test.store.updateBatch("run-b0", fence: fence) {
        $0.executions[0].engineVersion = "2"
      }
      try await test.store.updateBatch("run-b0", fence: fence) { _ in }
      try checkEqual(try await test.store.run("run"), before)
      try checkEqual(try await test.store.execution("run-b0-e0")?.engineVersion, "2")
    },
    StorageConformance("numbers of runs that are written at once have no gaps") { test in
      var fences: [Fence] = []
      for name in ["x", "y"] {
        let (run, batches, executions) = Example.run(name, requests: 50)
        _ = try await test.store.create(run, batches: batches, executions: executions)
        fences.append(try await lease(test, "\(name)-b0", to: "a"))
      }
      try await withThrowingTaskGroup(of: Void.self) { [fences] group in
        for fence in fences {
          for index: UInt32 in 0..<50 {
            group.addTask {
              _ = try await test.store.commit([
                SampleCommit(
                  fence: fence, executionID: fence.batchID + "-e0",
                  samples: [Example.sample(index)])
              ])
            }
          }
        }
        try await group.waitForAll()
      }
      for name in ["x", "y"] {
        let commits = try await test.store.commits(runID: name, after: 0, limit: 1000)
        try checkEqual(commits.map(\.number), Array(1...51))
      }
    },
  ]

  static let agents: [StorageConformance] = [
    StorageConformance("agents are listed with what they said last, the latest first") { test in
      for (id, seconds): (String, Int64) in [("a", 10), ("b", 30), ("c", 20)] {
        try await test.store.upsert(
          AgentRecord(
            id: id, inventory: Example.inventory(), lastSeenAt: WallTime(seconds: seconds)))
      }
      let changed = AgentRecord(
        id: "a",
        inventory: AgentInventory(
          hostName: "h", agentVersion: "2", hardwareIDs: ["x"], engineIDs: ["y"],
          modelIDs: ["m"], quantizationIDs: ["q"], isSimulated: true),
        lastSeenAt: WallTime(seconds: 40), batchID: "batch")
      try await test.store.upsert(changed)
      let all = try await everyPage(of: 2) { try await test.store.agents(page: $0) }
      try checkEqual(all.map(\.id), ["a", "b", "c"])
      try checkEqual(all[0], changed)
    }
  ]
}
