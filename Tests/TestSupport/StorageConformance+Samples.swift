internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  /// Commits samples of execution 0 with those indices.
  private static func commit(
    _ test: StoreUnderTest, _ fence: Fence, _ indices: [UInt32], execution: String = "run-b0-e0"
  ) async throws -> SampleCommitOutcome {
    let samples = indices.map { Example.sample($0) }
    return try present(
      try await test.store.commit([
        SampleCommit(fence: fence, executionID: execution, samples: samples)
      ]).first)
  }

  static let samples: [StorageConformance] = [
    StorageConformance("samples are read back by request index, all or page by page") { test in
      let fence = try await start(test)
      _ = try await commit(test, fence, [7, 2, 5])
      _ = try await commit(test, fence, [0, 9])
      let expected = [0, 2, 5, 7, 9].map { Example.sample($0) }
      try checkEqual(try await test.store.samples(executionID: "run-b0-e0"), expected)
      let pages = try await everyPage(of: 2) {
        try await test.store.samples(executionID: "run-b0-e0", page: $0)
      }
      try checkEqual(pages, expected)
      try checkEqual(try await test.store.samples(executionID: "other"), [])
    },
    StorageConformance("a commit counts what is new and moves bitmap and progress") { test in
      let fence = try await start(test)
      let number = try present(try await test.store.run("run")).commitNumber
      try checkEqual(
        try await commit(test, fence, [1, 3]),
        .committed(runID: "run", commitNumber: number + 1, newCount: 2, isExecutionFull: false))
      try checkEqual(
        try await commit(test, fence, [3, 4, 1]),
        .committed(runID: "run", commitNumber: number + 2, newCount: 1, isExecutionFull: false))
      let execution = try present(try await test.store.execution("run-b0-e0"))
      try checkEqual(execution.committed.missing, [0, 2, 5, 6, 7, 8, 9])
      let run = try present(try await test.store.run("run"))
      try checkEqual(run.committedSampleCount, 3)
      try checkEqual(run.commitNumber, number + 2)
    },
    StorageConformance("what is committed already is acknowledged and takes no number") { test in
      let fence = try await start(test)
      let first = try await commit(test, fence, [1, 1, 1])
      let run = try await test.store.run("run")
      guard case .committed(_, let number, 1, false) = first else {
        throw ConformanceFailure(description: "found \(first)")
      }
      try checkEqual(
        try await commit(test, fence, [1]),
        .committed(runID: "run", commitNumber: number, newCount: 0, isExecutionFull: false))
      try checkEqual(try await test.store.run("run"), run)
    },
    StorageConformance("an execution with all requests is full and awaits its result") { test in
      let fence = try await start(test, requests: 3)
      try checkEqual(try await test.store.executionsAwaitingResult(), [])
      _ = try await commit(test, fence, [0, 2])
      try checkEqual(try await test.store.executionsAwaitingResult(), [])
      guard case .committed(_, _, 1, true) = try await commit(test, fence, [1]) else {
        throw ConformanceFailure(description: "not full")
      }
      try checkEqual(
        try await test.store.executionsAwaitingResult().map(\.id), ["run-b0-e0"])
      try await test.store.updateBatch("run-b0", fence: fence) {
        $0.executions[0].state = .completed
      }
      try checkEqual(try await test.store.executionsAwaitingResult(), [])
      guard case .committed(_, _, 0, true) = try await commit(test, fence, [1]) else {
        throw ConformanceFailure(description: "what was committed is not acknowledged")
      }
    },
    StorageConformance("samples under a superseded token are not written") { test in
      let old = try await start(test)
      _ = try await commit(test, old, [0])
      let new = try await lease(test, "run-b0", to: "b")
      let run = try await test.store.run("run")
      for token in [old.token, new.token + 1, 0, -1] {
        try checkEqual(
          try await commit(test, Fence(batchID: "run-b0", token: token), [1]), .superseded)
      }
      try checkEqual(try await test.store.run("run"), run)
      try checkEqual(try await test.store.samples(executionID: "run-b0-e0").count, 1)
    },
    StorageConformance("samples under a lease that ended unclaimed still count") { test in
      let fence = try await start(test)
      test.clock.advance(by: .seconds(60))
      guard case .committed(_, _, 1, _) = try await commit(test, fence, [0]) else {
        throw ConformanceFailure(description: "the sample was not committed")
      }
    },
    StorageConformance("samples of no such execution or request are refused") { test in
      let fence = try await start(test)
      let (run, batches, executions) = Example.run("other")
      _ = try await test.store.create(run, batches: batches, executions: executions)
      var late = Example.sample(1)
      late.end = .max
      let bad: [(Fence, String, [RequestSample])] = [
        (fence, "none", [Example.sample(0)]), (fence, "other-b0-e0", [Example.sample(0)]),
        (fence, "run-b0-e0", [Example.sample(0), Example.sample(10)]),
        (fence, "run-b0-e0", [Example.sample(.max)]), (fence, "run-b0-e0", [late]),
        (fence, "run-b0-e0", [RequestSample](repeating: Example.sample(1), count: 257)),
        (Fence(batchID: "none", token: 1), "run-b0-e0", [Example.sample(0)]),
      ]
      for (fence, execution, samples) in bad {
        let outcome = try await test.store.commit([
          SampleCommit(fence: fence, executionID: execution, samples: samples)
        ])
        guard case .refused(let reason) = try present(outcome.first) else {
          throw ConformanceFailure(description: "found \(outcome)")
        }
        try check(reason.hasSuffix("."), "no sentence")
      }
      try checkEqual(try await test.store.samples(executionID: "run-b0-e0"), [])
    },
    StorageConformance("samples behind the end of their execution are acknowledged and dropped") {
      test in
      let fence = try await start(test)
      try await test.store.updateBatch("run-b0", fence: fence) {
        $0.executions[0].state = .failed
      }
      guard case .committed(_, _, 0, _) = try await commit(test, fence, [0]) else {
        throw ConformanceFailure(description: "not dropped")
      }
      try checkEqual(try await test.store.samples(executionID: "run-b0-e0"), [])
    },
    StorageConformance("one bad message of many does not spoil the others") { test in
      let fence = try await start(test)
      let stale = Fence(batchID: "run-b0", token: 99)
      let number = try present(try await test.store.run("run")).commitNumber
      let outcomes = try await test.store.commit([
        SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(0)]),
        SampleCommit(fence: stale, executionID: "run-b0-e0", samples: [Example.sample(1)]),
        SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(0)]),
        SampleCommit(fence: fence, executionID: "run-b0-e1", samples: [Example.sample(1)]),
      ])
      func committed(_ number: Int64, _ count: Int) -> SampleCommitOutcome {
        .committed(runID: "run", commitNumber: number, newCount: count, isExecutionFull: false)
      }
      try checkEqual(
        outcomes,
        [committed(number + 1, 1), .superseded, committed(number + 1, 0), committed(number + 2, 1)])
      try checkEqual(try await test.store.commit([]), [])
    },
    StorageConformance("many committers at once lose nothing and count nothing twice") { test in
      let fence = try await start(test, requests: 400)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker: UInt32 in 0..<8 {
          group.addTask {
            for start in stride(from: worker * 25, to: 400, by: 100) {
              _ = try await commit(test, fence, Array(start..<min(400, start + 50)))
            }
          }
        }
        try await group.waitForAll()
      }
      try checkEqual(try await test.store.run("run")?.committedSampleCount, 400)
      try checkEqual(
        try await test.store.samples(executionID: "run-b0-e0").map(\.requestIndex),
        Array(0..<400))
    },
  ]
}
