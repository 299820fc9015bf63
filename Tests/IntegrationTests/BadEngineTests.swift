import Testing

@Suite("Engines that misbehave", .serialized)
struct BadEngineTests {
  /// What the engine does to every third request, and how the agent must call it.
  private static let faults: [(fault: String, outcome: String)] = [
    ("hang", "timed_out"), ("garbage", "malformed"), ("close-mid-stream", "incomplete"),
    ("cut-short", "incomplete"), ("http-500", "http_error"), ("empty", "empty"),
    ("absurd-usage", "malformed"),
  ]

  @Test("what fails now and then is counted by class and never in a latency")
  func nowAndThen() async throws {
    let stand = try await Stand(engineFlags: nil)
    for (fault, outcome) in Self.faults {
      let engine = try await stand.startEngine(
        ["--misbehave", fault, "--misbehave-every", "3"])
      let trial = try await Trial.create(
        on: stand, requests: 6, matrix: Trial.matrix(concurrency: [2]))
      try stand.startAgent(fault, engine: engine, flags: ["--request-timeout", "1"])
      #expect(try await trial.end()["state"].string == "completed", "\(fault)")
      let result = try #require(try await trial.results().first, "\(fault)")
      #expect(result["n"].int == 6, "\(fault)")
      let rows = try await trial.rows(result["result_id"].string)
      let failed = rows.filter { $0["outcome"].string != "ok" }
      #expect(Set(failed.map { $0["outcome"].string }) == [outcome], "\(fault)")
      #expect(result["errors"].int == failed.count, "\(fault)")
      for figure in result["measurements"].list where figure["metric"].string == "ttft" {
        #expect(figure["n"].int == 6 - failed.count, "\(fault)")
      }
      #expect(try stand.agent(fault).exitCode == nil, "\(fault)")
      try await stand.agent(fault).kill()
    }
    #expect(stand.server.exitCode == nil)
  }

  @Test("an engine that never answers fails the run with a reason, and the agent lives")
  func always() async throws {
    let stand = try await Stand(engineFlags: nil)
    for fault in ["http-500", "hang"] {
      let engine = try await stand.startEngine(["--misbehave", fault])
      let trial = try await Trial.create(
        on: stand, requests: 3, matrix: Trial.matrix(concurrency: [1]))
      let watching = try Watching(trial)
      try stand.startAgent(fault, engine: engine, flags: ["--request-timeout", "1"])
      #expect(try await watching.process.end() == 1, "\(fault)")
      #expect(try await trial.state()["state"].string == "failed", "\(fault)")
      let failures = try watching.commits().map { $0["failure"].string }.filter { !$0.isEmpty }
      #expect(failures.first?.contains("warm-up") == true, "\(fault): \(failures)")
      let batch = try #require(try await trial.state()["batches"].list.first)
      #expect(batch["failed_count"].int == 1)
      #expect(batch["first_failure"].string == failures.first)
      #expect(
        try await stand.cli("run", "show", trial.run).output
          .contains("batch 0: 1 of 1 failed, the first because: "))
      #expect(try stand.agent(fault).exitCode == nil, "\(fault)")
      try await stand.agent(fault).kill()
    }
  }

  @Test("an engine that reports no usage has its chunks counted, and says so")
  func noUsage() async throws {
    let stand = try await Stand(engineFlags: ["--misbehave", "no-usage"])
    let trial = try await Trial.create(
      on: stand, requests: 3, matrix: Trial.matrix(concurrency: [1]))
    try stand.startAgent()
    _ = try await trial.end()
    for (_, rows) in try await trial.expectExact(configurations: 1) {
      for row in rows {
        #expect(row["outcome"].string == "ok")
        #expect(row["output_tokens"].int == 16)
        #expect(row["token_source"].string.contains("chunk"))
      }
    }
  }

  @Test("an engine that dies in the middle of a run fails it, and agent and server live")
  func gone() async throws {
    let stand = try await Stand()
    let trial = try await Trial.create(on: stand, requests: 200)
    let watching = try Watching(trial)
    try stand.startAgent()
    _ = try await watching.samples(atLeast: 3, stand)
    try await stand.killEngines()
    let state = try await trial.end()
    #expect(state["state"].string == "failed")
    #expect(try await watching.process.end() == 1)
    #expect(try stand.agent().exitCode == nil)
    #expect(stand.server.exitCode == nil)
  }
}
