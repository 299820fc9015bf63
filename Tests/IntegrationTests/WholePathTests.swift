import Testing

@Suite("From a matrix to a recommendation", .serialized)
struct WholePathTests {
  @Test("a matrix is previewed, run, watched, listed and ranked, and says that it was simulated")
  func wholePath() async throws {
    let stand = try await Stand()
    let file = try stand.file("preview.yaml", Trial.matrix())
    let preview = try await stand.json("matrix", "preview", file)
    #expect(preview["configuration_count"].int == 2)
    #expect(preview["feasible_count"].int == 2)
    #expect(preview["batch_count"].int == 1)

    let trial = try await Trial.create(on: stand, requests: 10)
    let watching = try Watching(trial)
    try stand.startAgent()
    try await watching.expectWhole(trial)
    try await trial.expectExact()
    try await expectRanked(stand)
    #expect(try stand.agent().exitCode == nil)
    // The engine is asked for what is measured and for the warm-up, one request for each place.
    #expect(try stand.engineCounter("requests_total") == 20 + 1 + 2)

    let table = try await stand.cli("results", "--run", trial.run)
    #expect(table.exitCode == 0)
    #expect(table.output.contains("simulated"))
    #expect(table.errors.isEmpty)
    for result in try await trial.results() {
      #expect(table.output.contains(result["result_id"].string))
    }

    let shown = try await stand.cli("run", "show", trial.run)
    let version = try #require(
      try await trial.results().first?["provenance_details"]["engine_version"].string)
    #expect(!version.isEmpty)
    #expect(shown.output.contains("simulated \(version)"))
    let batches = try await trial.state()["batches"].list
    #expect(batches.map { $0["engine_id"].string } == ["simulated"])
    #expect(batches.map { $0["model_id"].string } == [Trial.model])
  }

  private func expectRanked(_ stand: Stand) async throws {
    let unasked = try await stand.json("recommend", "--model", Trial.model)
    #expect(unasked["considered"].int == 0 && unasked["items"].list.isEmpty)
    #expect(unasked["exclusions"].list.map { $0["count"].int } == [2])
    let front = try await stand.json(
      "pareto", "--model", Trial.model, "--provenance", "simulated")
    #expect(front["considered"].int == 2)
    #expect(!front["members"].list.isEmpty)
    let answer = try await stand.json(
      "recommend", "--model", Trial.model, "--provenance", "simulated")
    #expect(answer["items"].list.count == 2)
    #expect(answer["items"].list.first?["rank"].int == 1)
    for item in front["members"].list + answer["items"].list {
      #expect(item["provenance"].string == "simulated")
      #expect(item["n"].int == 10)
      #expect(item["errors"].int == 0)
      #expect(!item["measured_at"].string.isEmpty)
    }
    let strict = try await stand.json(
      "recommend", "--model", Trial.model, "--provenance", "simulated", "--max-ttft", "1us")
    #expect(strict["items"].list.isEmpty)
    #expect(strict["exclusions"].list.reduce(0) { $0 + $1["count"].int } == 2)
  }

  @Test("a run that no connected agent fits says so, until one comes")
  func stranded() async throws {
    let stand = try await Stand()
    try stand.startAgent("other", hardware: "h200-x1")
    _ = try await eventually("the other agent is there", tail: stand.tail) {
      try await stand.json("agents").list.first?["is_connected"] == .bool(true) ? true : nil
    }
    let trial = try await Trial.create(on: stand, requests: 3)
    let created = try await stand.cli(
      "run", "create", try stand.file("matrix.yaml", Trial.matrix(concurrency: [2])))
    #expect(created.errors.contains("1 batch waits for an agent, and none that is connected fits"))
    let second = try #require(created.output.split(separator: " ").dropFirst().first)
    _ = try await stand.cli("run", "cancel", String(second))
    let words = "1 batch waits for an agent, and none that is connected fits: l4-x1 with simulated"
    #expect(try await trial.state()["batches"].list.map { $0["lacks_agent"] } == [.bool(true)])
    #expect(try await stand.cli("run", "show", trial.run).output.contains(words))
    let watching = try Watching(trial)
    _ = try await eventually("the watcher hears of it", tail: stand.tail) {
      watching.process.errors.contains(words) ? true : nil
    }
    try stand.startAgent()
    try await watching.expectWhole(trial)
    let batches = try await trial.state()["batches"].list
    #expect(batches.map { $0["lacks_agent"] } == [.bool(false)])
    #expect(batches.map { $0["engine_id"].string } == ["simulated"])
  }

  @Test("what the simulated engine gave never passes as measured, whatever the agent calls it")
  func neverMeasured() async throws {
    let stand = try await Stand()
    let trial = try await Trial.create(
      on: stand, requests: 3, matrix: Trial.matrix(engine: "vllm", concurrency: [2]))
    try stand.startAgent(engineID: "vllm")
    #expect(try await trial.end()["state"].string == "completed")
    let results = try await trial.results()
    #expect(results.map { $0["provenance"].string } == ["simulated"])
    #expect(try await stand.json("results", "--provenance", "measured").list.isEmpty)
    let answer = try await stand.json(
      "recommend", "--model", Trial.model, "--provenance", "measured")
    #expect(answer["items"].list.isEmpty)
    let front = try await stand.json("pareto", "--model", Trial.model, "--provenance", "measured")
    #expect(front["members"].list.isEmpty)
    let agents = try await stand.json("agents", "list").list
    #expect(agents.map { $0["is_simulated"] } == [.bool(true)])
  }

  @Test("a run that is created and watched is named before anything is measured, in a pipe too")
  func header() async throws {
    let stand = try await Stand()
    let file = try stand.file("matrix.yaml", Trial.matrix())
    let command = try stand.start(["run", "create", file, "--requests", "2", "--watch"])
    // There is no agent yet: only what was flushed can be read.
    _ = try await eventually("the header is there", within: .seconds(10), tail: stand.tail) {
      command.output.contains("\": pending, 0 of 2 configurations done") ? true : nil
    }
    try stand.startAgent()
    #expect(try await command.end() == 0)
    #expect(command.output.contains("completed, 2 of 2"))
    #expect(command.output.contains("(2 requests: TTFT "))
    let run = try #require(command.output.split(separator: " ").dropFirst().first)
    #expect(command.output.hasSuffix("benchfront results --run \(run)\n"))
    for flags in [["--states-only"], ["--after", "5"]] {
      let watch = try stand.start(["watch", String(run)] + flags)
      #expect(try await watch.end() == 0)
      let done = watch.output.split(separator: "\n").filter { $0.contains("done   ") }
      #expect(!done.isEmpty && done.allSatisfy { $0.contains("(2 requests: TTFT ") }, "\(done)")
    }
  }

  @Test("a run that is cancelled stops the agent and keeps what was committed")
  func cancel() async throws {
    let stand = try await Stand(serverFlags: ["--lease-duration", "3"])
    let trial = try await Trial.create(on: stand, requests: 400)
    let watching = try Watching(trial)
    try stand.startAgent()
    _ = try await watching.samples(atLeast: 5, stand)
    let cancelled = try await stand.json("run", "cancel", trial.run)
    #expect(cancelled["state"].string == "cancelled")
    #expect(try await watching.process.end() == 0)

    _ = try await eventually("the agent is idle", within: .seconds(10), tail: stand.tail) {
      let agents = try await stand.json("agents").list
      let isIdle = agents.allSatisfy { $0["batch_id"] == .null }
      return try isIdle && stand.engineCounter("running") == 0 ? true : nil
    }
    let served = try stand.engineCounter("requests_total")
    for (execution, samples) in try watching.samples() {
      let rows = try await trial.rows(execution)
      for sample in samples { #expect(rows.contains(sample)) }
    }
    let state = try await trial.state()
    #expect(state["state"].string == "cancelled")
    #expect(state["committed_sample_count"].int >= 5)
    #expect(try stand.engineCounter("requests_total") == served)
    #expect(try stand.agent().exitCode == nil)
    #expect(try await stand.cli("run", "cancel", trial.run).exitCode != 1)
  }

  @Test("an agent whose run was cancelled takes the next one")
  func nextAfterCancel() async throws {
    let stand = try await Stand()
    let first = try await Trial.create(on: stand, requests: 400)
    try stand.startAgent()
    try await first.committed(atLeast: 3)
    _ = try await stand.json("run", "cancel", first.run)
    let second = try await Trial.create(
      on: stand, requests: 3, matrix: Trial.matrix(concurrency: [2]))
    _ = try await second.end()
    try await second.expectExact(configurations: 1)
  }
}
