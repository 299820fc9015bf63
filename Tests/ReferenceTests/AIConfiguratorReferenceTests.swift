import BenchmarkDomain
import Importers
import Testing

@Suite("aiconfigurator's measured rows", .enabled(if: ReferenceFolder.isSet))
struct AIConfiguratorReferenceTests {
  private static let path = "results/aiconfigurator_silicon_sample.csv"

  @Test("every row is stored, a duplicate, or skipped with its reason")
  func everyRow() throws {
    let report = try importReference(Self.path)
    #expect(report.rowCount == 5_221)
    #expect(report.bundle.results.count == 3_563)
    #expect(report.duplicateCount == 77)
    #expect(
      report.skipped.map { "\($0.count) \($0.reason)" } == [
        "19 the concurrency is not stated",
        "1328 disaggregated serving whose number of workers is not stated",
        "234 the row's id and its columns state different numbers of accelerators",
      ])
    let skipped = report.skipped.reduce(0) { $0 + $1.count }
    #expect(report.bundle.results.count + report.duplicateCount + skipped == report.rowCount)
  }

  @Test("ids are unique, and every result refers to what the bundle brings")
  func consistent() throws {
    let bundle = try importReference(Self.path).bundle
    #expect(Set(bundle.results.map(\.result.id)).count == bundle.results.count)
    #expect(Set(bundle.results.map(\.configuration.id)).count == 2_941)
    #expect(bundle.models.count == 15)
    #expect(bundle.hardware.count == 68)
    let models = Set(bundle.models.map(\.id))
    let hardware = Set(bundle.hardware.map(\.id))
    let engines = Set(bundle.engines.map(\.id))
    #expect(engines == ["sglang", "tensorrt-llm", "vllm"])
    for item in bundle.results {
      #expect(models.contains(item.configuration.modelID))
      #expect(hardware.contains(item.configuration.hardwareID))
      #expect(engines.contains(item.configuration.engineID))
      #expect(item.result.configurationID == item.configuration.id)
      #expect(item.result.provenance.kind == .imported)
      #expect(item.result.measurements.allSatisfy { $0.definition == "aiconfigurator" })
      #expect(item.result.measurements.allSatisfy { $0.statistic == .unstated })
    }
  }

  // Lines 2, 1307 and 81 of the file, read by eye.
  @Test("known rows are what their lines say")
  func knownRows() throws {
    let results = try importReference(Self.path).bundle.results
    func row(_ id: String) throws -> (Configuration, BenchmarkResult) {
      let found = try #require(results.first { $0.result.provenance.source.contains(": \(id); ") })
      return (found.configuration, found.result)
    }

    let (first, firstResult) = try row("minimaxm2_5_b300_vllm_fp8_agg_8192x1024_c128_cfg733")
    #expect(first.modelID == "MiniMaxAI/MiniMax-M2.5")
    #expect(first.hardwareID == "b300-x4")
    #expect(first.engineID == "vllm")
    #expect(first.quantizationID == "fp8")
    #expect(
      first.workload == Workload(inputTokens: 8_192, outputTokens: 1_024, concurrency: 128))
    #expect(first.extraDimensions.isEmpty)
    #expect(firstResult.typical(.ttft)?.value == 972.3109823355117 / 1_000)
    #expect(firstResult.typical(.tpot)?.value == 33.442908754168066 / 1_000)
    #expect(firstResult.provenance.tool == "aiconfigurator")
    #expect(firstResult.provenance.toolVersion == "")
    #expect(firstResult.provenance.engineVersion == "0.19.0")
    // 2026-04-17.
    #expect(firstResult.measuredAt == WallTime(seconds: 1_776_384_000))

    let (llama, llamaResult) = try row(
      "meta_llama_llama_3_1_8b_instruct_meta_llama_llama_3_1_8b_instruct_h100_sxm_trtllm_agg_"
        + "1024x128_c8_tp1_epnone_1")
    #expect(llama.modelID == "meta-llama/Llama-3.1-8B-Instruct")
    #expect(llama.hardwareID == "h100-80gb-x1")
    #expect(llama.engineID == "tensorrt-llm")
    #expect(llama.quantizationID == "unstated")
    #expect(llama.workload == Workload(inputTokens: 1_024, outputTokens: 128, concurrency: 8))
    #expect(llamaResult.typical(.ttft)?.value == 190.9545068625 / 1_000)
    #expect(llamaResult.provenance.toolVersion == "")
    #expect(
      llamaResult.provenance.source.hasPrefix("aiconfigurator_silicon_sample.csv: meta_llama_"))
    #expect(llamaResult.measuredAt == nil)

    // One prefill worker of 4 accelerators and four decode workers of 8.
    let (split, _) = try row("kimik2_5_gb200_trtllm_fp4_disagg_1024x1024_c4_cfg759")
    #expect(split.hardwareID == "gb200-x36")
    #expect(split.quantizationID == "nvfp4")
    #expect(
      split.extraDimensions.map(\.name) == ["decode_workers", "prefill_workers", "serving"])
  }
}
