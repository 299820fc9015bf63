import Foundation
import Testing

/// A run of two configurations on the simulated engine, one and two requests at a time, and what
/// must hold of it in the end.
struct Trial {
  let stand: Stand
  let run: String
  let requests: Int
  static let model = "HuggingFaceTB/SmolLM2-135M-Instruct"

  /// A matrix of `concurrency.count` configurations of 16 tokens.
  static func matrix(
    engine: String = "simulated", model: String = Trial.model, concurrency: [Int] = [1, 2]
  ) -> String {
    """
    version: 1
    name: trial
    models: [\(model)]
    hardware: [l4-x1]
    engines: [\(engine)]
    quantizations: [fp16]
    workloads:
      - input_tokens: [8]
        output_tokens: [16]
        concurrency: \(concurrency)
    """
  }

  /// Creates the run; about 50 ms a request and place.
  static func create(
    on stand: Stand, requests: Int, matrix: String = Trial.matrix()
  ) async throws -> Trial {
    let file = try stand.file("matrix.yaml", matrix)
    let run = try await stand.json("run", "create", file, "--requests", "\(requests)")
    return Trial(stand: stand, run: run["id"].string, requests: requests)
  }

  /// The run as it stands.
  func state() async throws -> JSON { try await stand.json("run", "show", run) }

  /// Waits until at least so many samples are committed.
  func committed(atLeast count: Int) async throws {
    _ = try await goesOn("\(count) samples are committed") {
      $0["committed_sample_count"].int >= count
    }
  }

  /// Waits until the run has ended, and returns it.
  func end(standingStill limit: Duration = .seconds(40)) async throws -> JSON {
    try await goesOn("run \(run) ends", standingStill: limit) {
      ["completed", "failed", "cancelled"].contains($0["state"].string)
    }
  }

  /// Waits for a state of the run for as long as it goes on: a busy machine may be slow, but a run
  /// that commits nothing for the whole `limit` stands still.
  private func goesOn(
    _ what: String, standingStill limit: Duration = .seconds(40), _ isThere: (JSON) -> Bool
  ) async throws -> JSON {
    var last = -1
    var end = ContinuousClock.now
    while true {
      let state = try await state()
      if isThere(state) { return state }
      let count = state["committed_sample_count"].int
      if count != last { (last, end) = (count, ContinuousClock.now.advanced(by: limit)) }
      guard ContinuousClock.now < end else {
        throw Trouble("nothing was committed for \(limit), before \(what)\n\(stand.tail)")
      }
      // Each look is a process, which takes its time from those that are tested.
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The raw requests of an execution.
  func rows(_ execution: String) async throws -> [JSON] {
    try await stand.json("results", "requests", execution).list
  }

  /// Results of the run.
  func results() async throws -> [JSON] { try await stand.json("results", "--run", run).list }

  /// The run is complete, each execution has each of its requests exactly once, and every sample
  /// that anybody was shown is there unchanged. Returns the rows by execution.
  @discardableResult
  func expectExact(
    keeping seen: [String: [JSON]] = [:], configurations: Int = 2
  ) async throws -> [String: [JSON]] {
    let state = try await state()
    #expect(state["state"].string == "completed")
    #expect(state["completed_count"].int == configurations)
    #expect(state["committed_sample_count"].int == requests * configurations)
    let results = try await results()
    #expect(results.count == configurations)
    var all: [String: [JSON]] = [:]
    for result in results {
      let id = result["result_id"].string
      #expect(result["n"].int == requests)
      #expect(result["provenance"].string == "simulated")
      let rows = try await rows(id)
      #expect(rows.map { $0["request_index"].int }.sorted() == Array(0..<requests))
      all[id] = rows
    }
    for (execution, samples) in seen {
      let rows = Dictionary(
        grouping: all[execution] ?? [], by: { $0["request_index"].int })
      for sample in samples {
        #expect(
          rows[sample["request_index"].int] == [sample], "a sample that was shown has changed")
      }
    }
    return all
  }
}

/// `benchfront watch --output json` beside a test.
struct Watching {
  let process: ProcessUnderTest

  init(_ trial: Trial) throws {
    process = try trial.stand.start(["watch", trial.run, "--output", "json"])
  }

  /// The commits that it has shown so far, whole lines only.
  func commits() throws -> [JSON] {
    let text = process.output
    guard let end = text.lastIndex(of: "\n") else { return [] }
    return try text[..<end].split(separator: "\n").map { try JSON(parsing: $0) }
  }

  /// The samples that it has shown so far, by execution.
  func samples() throws -> [String: [JSON]] {
    var found: [String: [JSON]] = [:]
    for commit in try commits() where !commit["samples"].list.isEmpty {
      found[commit["execution_id"].string, default: []] += commit["samples"].list
    }
    return found
  }

  /// Waits until it has shown so many samples, and returns them.
  func samples(atLeast count: Int, _ stand: Stand) async throws -> [String: [JSON]] {
    try await eventually(
      "\(count) samples are shown", tail: process.tail + "\n" + stand.tail
    ) {
      let samples = try samples()
      return samples.values.reduce(0) { $0 + $1.count } >= count ? samples : nil
    }
  }

  /// It goes on to the run's end whatever happened to the server, and shows each sample once.
  func expectWhole(_ trial: Trial, configurations: Int = 2) async throws {
    #expect(try await process.end() == 0)
    let commits = try commits()
    let numbers = commits.map { $0["commit_number"].int }
    #expect(numbers == Array(1...max(1, numbers.count)), "commits are shown once and in order")
    for (_, samples) in try samples() {
      #expect(samples.map { $0["request_index"].int }.sorted() == Array(0..<trial.requests))
    }
    #expect(try samples().count == configurations)
  }
}
