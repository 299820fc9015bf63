import APIBindings
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
