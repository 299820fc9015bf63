import APIBindings
import Glibc
import Testing

@testable import CLICommands

@Suite("What commands print") struct OutputTests {
  @Test(
    "memory is printed in powers of 1,024",
    arguments: [
      (85_899_345_920, "80 GiB"), (151_397_597_184, "141 GiB"), (180_000_000_000, "167.6 GiB"),
      (536_870_912, "512 MiB"),
    ] as [(Int64, String)])
  func memory(bytes: Int64, text: String) { #expect(Format.memory(bytes) == text) }

  @Test("what a terminal would act on is spelled out, in tables and elsewhere")
  func plain() {
    #expect(Format.plain("Zoë's 模型") == "Zoë's 模型")
    let odd = "a\u{1B}[2Jb\nc\u{202E}d\u{85}\u{2028}\r\t\u{7F}"
    let spelled = #"a\u{1b}[2Jb\u{a}c\u{202e}d\u{85}\u{2028}\u{d}\u{9}\u{7f}"#
    #expect(Format.plain(odd) == spelled)
    var table = Table("A")
    table.add([odd])
    #expect(table.lines == ["A", spelled])
  }

  @Test("an empty catalog says that nothing is known, and what to do")
  func nothingKnown() {
    let request = RecommendConfigurationsRequest(filter: ConfigurationFilter())
    let lines = RecommendConfigurationsResponse().lines(request)
    #expect(lines.first == "Nothing is known yet.")
    #expect(lines.last?.contains("benchfront import") == true)
    let filtered = RecommendConfigurationsRequest(
      filter: ConfigurationFilter(modelIds: ["m"]), provenances: [])
    #expect(
      RecommendConfigurationsResponse().lines(filtered).first?.contains("what was asked for")
        == true)
  }

  @Test("the table of results names each result")
  func resultIDs() {
    let entry = ConfigurationResult(
      configuration: Configuration(id: "c1-x", workload: Workload(concurrency: 1)),
      result: Result(id: "0192-result"))
    let lines = ResultTable.lines([entry])
    #expect(lines[0].hasSuffix("RESULT"))
    #expect(lines[1].hasSuffix("0192-result"))
  }

  @Test("a table of results marks figures of another definition, and says what the mark means")
  func marks() {
    func lines(_ definition: String) -> [String] {
      let figure = Measurement(
        metric: .ttft, statistic: .mean, value: 0.25, definition: definition)
      return ResultTable.lines([
        ConfigurationResult(configuration: Configuration(), result: Result(measurements: [figure]))
      ])
    }
    #expect(lines("other/1")[1].contains("~250 ms"))
    #expect(lines("other/1").last == "~ stands before figures by another definition: other/1.")
    #expect(!lines("benchfront/1").joined().contains("~"))
  }

  @Test("where only simulated results are known, the answer says how to ask for them")
  func onlySimulated() {
    let exclusion = Exclusion(reason: "only simulated: --provenance simulated asks", count: 3)
    let lines = RecommendConfigurationsResponse(exclusions: [exclusion])
      .lines(RecommendConfigurationsRequest(filter: ConfigurationFilter()))
    #expect(lines.first == "Nothing was measured or imported yet.")
    #expect(lines.last?.hasSuffix("3  only simulated: --provenance simulated asks") == true)
  }

  @Test("a price says which machines it stands for")
  func price() {
    let price = PriceEntry(
      hardwareId: "cpu-x1", usdPerHour: 0.0893, offer: "aws c7i.large", source: "list")
    let answer = RecommendConfigurationsResponse(items: [RankedConfiguration(price: price)])
    #expect(
      Explanation.ranking(answer, .onDemand).contains {
        $0.hasPrefix("#1 is priced by aws c7i.large, $0.0893/h")
          && $0.hasSuffix("stands for every cpu-x1, whatever machine was measured.")
      })
  }

  @Test("a table of results stops at a hundred and says so, unless a limit was given")
  func manyResults() {
    let entry = ConfigurationResult(configuration: Configuration(), result: Result(id: "r"))
    let many = Array(repeating: entry, count: ResultTable.usualCount + 1)
    let lines = ResultTable.lines(many)
    #expect(lines.count == 102)
    #expect(lines.last == "These are the first 100; --limit 0 prints all.")
    #expect(ResultTable.lines(many, isLimited: true).count == 102)
    #expect(ResultTable.lines(many, isLimited: true).last?.hasSuffix("r") == true)
    #expect(ResultTable.lines(Array(many.prefix(100))).count == 101)
  }

  @Test("pages are collected up to the limit, or the usual count")
  func collecting() async throws {
    func count(_ arguments: [String], usual: Int) async throws -> Int {
      try await ListOptions.parse(arguments).collect(usual: usual) { size, token in
        let start = Int(token) ?? 0
        let page = Array(start..<min(start + Int(size), 2_500))
        return (page, next: start + page.count < 2_500 ? String(start + page.count) : "")
      }.count
    }
    #expect(try await count([], usual: 0) == 2_500)
    #expect(try await count([], usual: 101) == 101)
    #expect(try await count(["--limit", "0"], usual: 101) == 2_500)
    #expect(try await count(["--limit", "1200"], usual: 101) == 1_200)
  }

  @Test("one of a thing is not many")
  func counted() {
    #expect(Format.counted(1, "batch", "batches") == "1 batch")
    #expect(Format.counted(1_234, "batch", "batches") == "1,234 batches")
    #expect(Format.counted(0, "result") == "0 results")
  }

  @Test("what nobody states is null")
  func unstated() {
    let lines = Configuration(workload: Workload(concurrency: 1)).json.text()
    #expect(lines.contains("\"max_batch\": null") && lines.contains("\"concurrency\": 1"))
  }

  @Test("what failed of a run is said with its first reason")
  func failures() {
    let batches = [
      Batch(index: 0, configurationCount: 6),
      Batch(
        index: 1, configurationCount: 6, failedCount: 5, firstFailure: "it broke"),
    ]
    #expect(
      Run(batches: batches).failureLines
        == ["batch 1: 5 of 6 failed, the first because: it broke"])
  }

  @Test("output that cannot be written is noticed, also when it failed before the end")
  func fullDisk() throws {
    for size in [1, 1_000_000] {
      let stream = try #require(fopen("/dev/full", "w"))
      fputs(String(repeating: "x", count: size), stream)
      #expect(StandardOutput.finish(stream)?.hasPrefix("the output ") == true)
      fclose(stream)
    }
    let stream = try #require(fopen("/dev/null", "w"))
    fputs("x", stream)
    #expect(StandardOutput.finish(stream) == nil)
    fclose(stream)
  }

  @Test("an imported result says that its source's requests are not kept")
  func importedRequests() {
    let hash = String(repeating: "0f", count: 16)
    for id in ["aiconfigurator-\(hash)", "ibm-pilot-\(hash)"] {
      #expect(ResultsCommand.Requests.missing(id).contains("it was imported"))
    }
    for id in ["no-such-result", "0192f0c1-2b3c-7d4e-8f50-0123456789ab", "c1-\(hash)", ""] {
      #expect(ResultsCommand.Requests.missing(id).contains("there is no measured result"))
    }
  }
}
