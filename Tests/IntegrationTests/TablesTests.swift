import Testing

@Suite("Tables of the command line", .serialized)
struct TablesTests {
  /// The cells of the line that begins with `first`; two spaces at least are between them.
  private func row(_ first: String, of table: String) -> [Substring] {
    let line = table.split(separator: "\n").first { $0.hasPrefix(first + "  ") } ?? ""
    return line.split(separator: "  ").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
  }

  private func table(_ stand: Stand, _ words: String...) async throws -> String {
    try await table(stand, words)
  }

  private func table(_ stand: Stand, _ words: [String]) async throws -> String {
    let process = try stand.start(words)
    let code = try await process.end()
    #expect(code == 0 && process.errors.isEmpty, "\(words): \(process.errors)")
    return process.output
  }

  @Test("what is registered is listed, with its units")
  func catalog() async throws {
    let stand = try await Stand(engineFlags: nil)
    #expect(try await table(stand, "agents").hasPrefix("No agent has said hello"))
    #expect(try await table(stand, "prices", "--hardware", "cpu-x1").contains("aws c7i.large"))

    _ = try await table(
      stand, "hardware", "register", "big-x2", "--accelerator", "Big", "--count", "2",
      "--memory-gib", "96", "--bandwidth-gb", "1200", "--power-watts", "350")
    #expect(
      row("big-x2", of: try await table(stand, "hardware"))
        == ["big-x2", "Big", "2", "96 GiB", "1,200 GB/s", "350 W"])
    #expect(
      try await table(stand, "prices", "--hardware", "big-x2")
        == "No price is known of it; benchfront prices register adds one.\n")
    _ = try await table(
      stand, "prices", "register", "--hardware", "big-x2", "--usd-per-hour", "1.25", "--offer",
      "ours", "--source", "an invoice")
    let price = row("big-x2", of: try await table(stand, "prices", "--hardware", "big-x2"))
    #expect(price.prefix(4) == ["big-x2", "on_demand", "$1.25/h", "ours"])
    #expect(price.last == "an invoice")

    _ = try await table(
      stand, "engines", "register", "mine", "--display-name", "My engine", "--quantization", "fp8",
      "--quantization", "int4", "--homepage", "https://engine.example")
    #expect(
      row("mine", of: try await table(stand, "engines"))
        == ["mine", "My engine", "fp8 int4", "https://engine.example"])
    #expect(try await table(stand, "models").contains(Trial.model))
    let shown = row("id", of: try await table(stand, "models", "show", Trial.model))
    #expect(shown == ["id", Substring(Trial.model)])
  }

  @Test("a front and a ranking have a row for each configuration and say how they came about")
  func ranking() async throws {
    let stand = try await Stand()
    let nothing = try await table(stand, "pareto", "--model", Trial.model)
    #expect(nothing.hasPrefix("Nothing is known of what was asked for"))
    let trial = try await Trial.create(on: stand, requests: 3)
    try stand.startAgent()
    #expect(try await trial.end()["state"].string == "completed")

    let asked = ["--model", Trial.model, "--provenance", "simulated"]
    let front = try await table(stand, ["pareto"] + asked)
    #expect(front.contains("of 2 feasible configurations (2 known) are on the Pareto front"))
    let member = row(Trial.model, of: front)
    #expect(member.prefix(3) == [Substring(Trial.model), "l4-x1", "simulated fp16"])
    #expect(member.contains("3") && member.contains("simulated"))
    let ranked = try await table(stand, ["recommend"] + asked)
    #expect(ranked.hasPrefix("2 of 2 known configurations meet every limit."))
    #expect(row("1", of: ranked).contains(Substring(Trial.model)))
    #expect(ranked.contains(" 8>16 x1 ") && ranked.contains(" 8>16 x2 "))
    #expect(ranked.contains("SCORE: closeness to the best of each criterion"))
    let unmet = try await table(stand, ["recommend"] + asked + ["--max-ttft", "1us"])
    #expect(unmet.contains("ttft above"))
    let agents = try await table(stand, "agents")
    #expect(agents.contains("l4-x1") && agents.contains("simulated"))
  }
}
