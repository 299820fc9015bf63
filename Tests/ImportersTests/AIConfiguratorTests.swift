import BenchmarkDomain
import Importers
import Testing

/// Rows in aiconfigurator's form, by hand.
enum AIConfiguratorFixture {
  static let header =
    "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
    + "gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,"
    + "moe_ep_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,prefill_attention_dp_size,"
    + "prefill_moe_ep_size,decode_num_workers,decode_tp_size,decode_pp_size,"
    + "decode_attention_dp_size,decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms"

  static func row(
    id: String = "row_1", origin: String? = nil, backend: String = "vllm",
    version: String = "0.19.0", system: String = "h100_sxm", precision: String = "fp8",
    mode: String = "agg", gemm: String = "fp8", layout: String = "8,4,1,1,4,1",
    workers: String = ",,,,,,,,,", ttft: String = "250.5", tpot: String = "12.25"
  ) -> String {
    let source =
      origin
      ?? "db-dump/2026-04-27; config_id=7; silicon_concurrency=8; "
      + "measured=2026-04-17T00:00:00.000Z; workflow_run_id=758; vllm/vllm-openai:v0.19.0"
    return [
      id, source, backend, version, "org/model", system, precision, mode, "1024", "512", gemm,
      gemm, layout, workers, ttft, tpot,
    ].joined(separator: ",")
  }

  static func file(_ rows: String...) -> String {
    ([header] + rows).joined(separator: "\n") + "\n"
  }
}

@Suite struct AIConfiguratorTests {
  private typealias Fixture = AIConfiguratorFixture

  @Test("a row becomes a configuration and a result that says where it is from") func oneRow()
    throws
  {
    let report = try read(Fixture.file(Fixture.row()))
    #expect(report.format == "aiconfigurator")
    #expect(report.rowCount == 1)
    let item = try #require(report.bundle.results.first)
    #expect(item.configuration.modelID == "org/model")
    #expect(item.configuration.hardwareID == "h100-80gb-x4")
    #expect(item.configuration.engineID == "vllm")
    #expect(item.configuration.quantizationID == "fp8")
    #expect(
      item.configuration.workload
        == Workload(inputTokens: 1_024, outputTokens: 512, concurrency: 8))
    #expect(item.configuration.extraDimensions.isEmpty)
    let result = item.result
    #expect(result.configurationID == item.configuration.id)
    #expect(result.provenance.kind == .imported)
    #expect(result.provenance.tool == "aiconfigurator")
    #expect(result.provenance.toolVersion == "")
    #expect(result.provenance.engineVersion == "0.19.0")
    #expect(
      result.provenance.source.hasPrefix("test.csv: row_1; db-dump/2026-04-27; config_id=7;"))
    #expect(result.measuredAt == WallTime(seconds: 1_776_384_000))
    #expect(
      result.measurements == [
        Measurement(
          metric: .ttft, statistic: .unstated, value: 0.2505, definition: "aiconfigurator"),
        Measurement(
          metric: .tpot, statistic: .unstated, value: 0.01225, definition: "aiconfigurator"),
      ])
    #expect(report.bundle.hardware.map(\.id) == ["h100-80gb-x4"])
    #expect(report.bundle.models.map(\.id) == ["org/model"])
  }

  @Test("parallelism that is not the default stands in further dimensions") func dimensions() throws
  {
    let report = try read(Fixture.file(Fixture.row(layout: "8,4,2,2,1,16")))
    let configuration = try #require(report.bundle.results.first).configuration
    #expect(configuration.hardwareID == "h100-80gb-x16")
    #expect(
      configuration.extraDimensions == [
        Dimension(name: "attention_dp", value: "2"), Dimension(name: "moe_ep", value: "16"),
        Dimension(name: "pipeline_parallel", value: "2"),
        Dimension(name: "tensor_parallel", value: "4"),
      ])
  }

  @Test("empty and zero parallelism is the default, and an image tells the engine's version")
  func defaults() throws {
    let origin = "source_file=2026-04-06.csv; silicon_concurrency=8; image=a/b:v1.2"
    let report = try read(
      Fixture.file(Fixture.row(origin: origin, version: "", layout: "8,2,1,,1,0")))
    let item = try #require(report.bundle.results.first)
    #expect(item.configuration.hardwareID == "h100-80gb-x2")
    #expect(item.configuration.extraDimensions.isEmpty)
    #expect(item.result.provenance.engineVersion == "v1.2")
    #expect(item.result.provenance.toolVersion == "")
    #expect(item.result.measuredAt == nil)
  }

  @Test("a disaggregated row counts the accelerators of all its workers") func disaggregated()
    throws
  {
    let report = try read(
      Fixture.file(
        Fixture.row(
          mode: "disagg", layout: ",,,,,", workers: "1,1,1,4,4,4,8,1,1,8"),
        Fixture.row(
          id: "row_2", mode: "disagg", layout: ",,,,,", workers: ",1,1,4,4,,8,1,1,8")))
    let configuration = try #require(report.bundle.results.first).configuration
    #expect(configuration.hardwareID == "h100-80gb-x36")
    #expect(
      configuration.extraDimensions == [
        Dimension(name: "decode_workers", value: "4 x tp8 pp1 dp1 ep8"),
        Dimension(name: "prefill_workers", value: "1 x tp1 pp1 dp4 ep4"),
        Dimension(name: "serving", value: "disaggregated"),
      ])
    #expect(
      report.skipped == [
        SkippedRows(
          reason: "disaggregated serving whose number of workers is not stated", count: 1,
          firstLine: 3)
      ])
  }

  @Test("rows that cannot be placed are skipped, counted and located") func skips() throws {
    let report = try read(
      Fixture.file(
        Fixture.row(), Fixture.row(id: "row_2", origin: "source_file=x.csv"),
        Fixture.row(id: "row_3", system: "mi300x"),
        Fixture.row(id: "row_4", origin: "source_file=y.csv"),
        Fixture.row(id: "row_c8_tp8_ep8_5", layout: "8,64,1,1,8,8")))
    #expect(report.rowCount == 5)
    #expect(report.bundle.results.count == 1)
    #expect(
      report.skipped == [
        SkippedRows(reason: "the concurrency is not stated", count: 2, firstLine: 3),
        SkippedRows(reason: "the system \"mi300x\" is not known", count: 1, firstLine: 4),
        SkippedRows(
          reason: "the row's id and its columns state different numbers of accelerators",
          count: 1, firstLine: 6),
      ])
  }

  @Test("a repeated row is a duplicate; with other figures it is another result") func repeats()
    throws
  {
    let report = try read(
      Fixture.file(
        Fixture.row(id: "a"), Fixture.row(id: "b"), Fixture.row(id: "c", ttft: "251")))
    #expect(report.duplicateCount == 1)
    let results = report.bundle.results
    #expect(results.count == 2)
    #expect(results[0].configuration == results[1].configuration)
    #expect(results[0].result.id != results[1].result.id)
  }

  @Test("rows of one id that contradict each other are left out, all of them")
  func conflicts() throws {
    let report = try read(
      Fixture.file(
        Fixture.row(id: "a"), Fixture.row(id: "b", tpot: "9"), Fixture.row(id: "a"),
        Fixture.row(id: "a", ttft: "500")))
    #expect(report.bundle.results.count == 1)
    #expect(report.bundle.results.first?.result.provenance.source.contains(": b;") == true)
    #expect(report.duplicateCount == 1)
    #expect(
      report.skipped == [
        SkippedRows(reason: "rows of the same id contradict each other", count: 2, firstLine: 2)
      ])
  }

  @Test("the same row of another file has the same id, and with other figures too: it contradicts")
  func sameRow() throws {
    let first = try read(Fixture.file(Fixture.row()), name: "a.csv").bundle.results[0].result
    let second = try read(Fixture.file(Fixture.row()), name: "b.csv").bundle.results[0].result
    let other = try read(Fixture.file(Fixture.row(ttft: "500"))).bundle.results[0].result
    #expect(first.id == second.id && first.isSameMeasurement(as: second))
    #expect(first.id == other.id && !first.isSameMeasurement(as: other))
  }

  @Test("the tool's version is the one that comes with the file")
  func toolVersion() throws {
    var reading = try ResultImport(source: ImportSource(name: "a.csv", toolVersion: "0.4.0"))
    try Array(Fixture.file(Fixture.row()).utf8).withUnsafeBytes { try reading.consume($0) }
    let provenance = try reading.finish().bundle.results[0].result.provenance
    #expect(provenance.tool == "aiconfigurator" && provenance.toolVersion == "0.4.0")
  }

  @Test("the same file makes the same ids, in pieces of any size") func pieces() throws {
    let text = Fixture.file(
      Fixture.row(id: "a"), Fixture.row(id: "b", ttft: "251"), Fixture.row(id: "c", tpot: "9"))
    let whole = try read(text)
    for size in [1, 2, 7, 100] {
      #expect(try read(text, pieces: size).bundle.results == whole.bundle.results)
    }
    let windows = "\u{FEFF}" + text.split(separator: "\n").joined(separator: "\r\n")
    #expect(try read(windows, pieces: 3).bundle.results == whole.bundle.results)
  }

  @Test("an unstated precision stays unstated, and FP4 is told by its kernel") func precision()
    throws
  {
    let report = try read(
      Fixture.file(
        Fixture.row(id: "a", precision: "", gemm: ""),
        Fixture.row(id: "b", precision: "fp4", gemm: "nvfp4")))
    #expect(report.bundle.results.map(\.configuration.quantizationID) == ["unstated", "nvfp4"])
  }

  @Test(
    "figures that make no sense refuse the file, with line and column",
    arguments: [
      ("NaN", "12"), ("inf", "12"), ("-1", "12"), ("", "12"), ("12ms", "12"), ("250", "0"),
      ("250", "nan"), ("250", "1e300"), ("0xFA", "12.25"), ("250", "0x1p3"),
    ])
  func badFigures(ttft: String, tpot: String) throws {
    let error = try refusal(
      Fixture.file(Fixture.row(), Fixture.row(id: "b", ttft: ttft, tpot: tpot)))
    #expect(error.code == .badValue)
    #expect(error.line == 3)
    #expect(error.message.contains("silicon_t"))
  }

  @Test("seconds where milliseconds belong refuse the file") func units() throws {
    let error = try refusal(Fixture.file(Fixture.row(ttft: "0.25", tpot: "0.012")))
    #expect(error.code == .badValue)
  }

  @Test("values of other tools refuse the file") func wrongValues() throws {
    for row in [
      Fixture.row(backend: "triton"), Fixture.row(precision: "fp3"), Fixture.row(mode: "magic"),
      Fixture.row(layout: "8,0,1,1,4,1"), Fixture.row(layout: "8,x,1,1,4,1"), Fixture.row(id: ""),
    ] {
      #expect(try refusal(Fixture.file(row)).code == .badValue)
    }
  }
}
