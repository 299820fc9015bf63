import APIBindings
import GRPC
import Testing

@Suite("Imports over the wire")
struct ImportTests {
  /// Two rows of the shape that aiconfigurator writes.
  private static let table = """
    id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,\
    gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,\
    moe_ep_size,prefill_batch_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,\
    prefill_attention_dp_size,prefill_moe_tp_size,prefill_moe_ep_size,decode_batch_size,\
    decode_num_workers,decode_tp_size,decode_pp_size,decode_attention_dp_size,decode_moe_tp_size,\
    decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms
    m_h100_vllm_fp8_agg_8192x1024_c128_cfg7,x; config_id=7; silicon_concurrency=128; \
    measured=2026-04-17T00:00:00.000Z,vllm,0.19.0,a/m,h100_sxm,fp8,agg,8192,1024,fp8,fp8,128,4,1,1,\
    4,1,,,,,,,,,,,,,,,972.5,33.5
    m_h100_vllm_fp8_agg_1024x1024_c64_cfg7,x; config_id=7; silicon_concurrency=64; \
    measured=2026-04-17T00:00:00.000Z,vllm,0.19.0,a/m,h100_sxm,fp8,agg,1024,1024,fp8,fp8,64,4,1,1,\
    4,1,,,,,,,,,,,,,,,205.5,17.5

    """

  private func send(
    _ table: String, dryRun: Bool = false, format: String = "", source: String = "sample.csv",
    to catalog: CatalogClient
  ) async throws -> ImportResultsResponse {
    let upload = try await catalog.importResults()
    try await upload.send(
      .init(part: .header(.init(format: format, source: source, dryRun: dryRun))))
    let bytes = Array(table.utf8)
    for start in stride(from: 0, to: bytes.count, by: 100) {
      // A server that refuses early makes the send fail; `finish` tells why.
      try? await upload.send(
        .init(part: .data(Array(bytes[start..<min(start + 100, bytes.count)]))))
    }
    return try await upload.finish()
  }

  @Test("a dry run stores nothing, and what is there already is counted as such")
  func imports() async throws {
    try await TestServer.with { catalog in
      let rehearsal = try await send(Self.table, dryRun: true, to: catalog)
      #expect(rehearsal.format == "aiconfigurator")
      #expect(rehearsal.rowCount == 2 && rehearsal.resultCount == 2)
      #expect(rehearsal.newModelCount == 1 && rehearsal.newHardwareCount == 1)
      #expect(try await catalog.listResults(.init()).results.isEmpty)
      let first = try await send(Self.table, to: catalog)
      #expect(first == rehearsal)
      let results = try await catalog.listResults(.init(orderBy: "ttft")).results
      #expect(results.map { $0.configuration?.workload?.concurrency } == [64, 128])
      #expect(results.allSatisfy { $0.result?.provenance?.kind == .imported })
      #expect(results.allSatisfy { $0.result?.provenance?.tool == "aiconfigurator" })
      let id = try #require(results.first?.configuration?.id)
      #expect(try await catalog.getConfiguration(.init(configurationId: id)).results.count == 1)
      let again = try await send(Self.table, to: catalog)
      #expect(again.resultCount == 0 && again.duplicateCount == 2)
      let repeated = try await send(Self.table, dryRun: true, to: catalog)
      #expect(repeated.duplicateCount == 2 && repeated.newModelCount == 0)
    }
  }

  @Test("an import tells whose answers changed: all of them by new hardware, else its models'")
  func changes() async throws {
    try await TestServer.run { server in
      _ = try await send(Self.table, dryRun: true, to: server.catalog)
      #expect(server.changes.told.isEmpty)
      _ = try await send(Self.table, to: server.catalog)
      #expect(server.changes.told == [nil])
      let others = Self.table.replacing("a/m", with: "a/n")
      _ = try await send(others, source: "other.csv", to: server.catalog)
      #expect(server.changes.told == [nil, ["a/n"]])
    }
  }

  @Test("the same rows of another file are known, and other figures of theirs are refused")
  func conflicts() async throws {
    try await TestServer.with { catalog in
      _ = try await send(Self.table, to: catalog)
      let renamed = try await send(Self.table, source: "other.csv", to: catalog)
      #expect(renamed.resultCount == 0 && renamed.duplicateCount == 2)
      let changed = Self.table.replacing("972.5,33.5", with: "500.0,33.5")
      for isDryRun in [true, false] {
        let refused = try await status {
          try await send(changed, dryRun: isDryRun, to: catalog)
        }
        #expect(refused?.code == .alreadyExists)
        #expect(refused?.message.contains("m_h100_vllm_fp8_agg_8192x1024_c128_cfg7") == true)
      }
      #expect(try await catalog.listResults(.init()).results.count == 2)
    }
  }

  @Test("names of files and of versions are one line")
  func controlCharacters() async throws {
    try await TestServer.with { catalog in
      let refused = try await status {
        try await send(Self.table, source: "a\u{1B}[2J.csv", to: catalog)
      }
      #expect(refused?.code == .invalidArgument)
      #expect(refused?.message.contains("header.source must not contain control") == true)
    }
  }

  @Test("what cannot be read is refused with its line, and changes nothing")
  func refusals() async throws {
    try await TestServer.with { catalog in
      let broken = Self.table.replacing("205.5,17.5", with: "NaN,17.5")
      for (table, format, part) in [
        (broken, "", "line 3"), ("hello\nworld\n", "", "format"), ("", "", "empty"),
        (Self.table, "nonsense", "nonsense"),
      ] {
        let refused = try await status { try await send(table, format: format, to: catalog) }
        #expect(refused?.code == .invalidArgument)
        #expect(refused?.message.contains(part) == true, "\(refused?.message ?? "")")
      }
      #expect(try await catalog.listResults(.init()).results.isEmpty)
    }
  }

  @Test("an import begins with one header and carries parts of at most a mebibyte")
  func framing() async throws {
    try await TestServer.with { catalog in
      let headless = try await catalog.importResults()
      try await headless.send(.init(part: .data([1])))
      let headlessRefusal = try await status { try await headless.finish() }
      #expect(headlessRefusal?.code == .invalidArgument)
      let twice = try await catalog.importResults()
      for _ in 0..<2 { try await twice.send(.init(part: .header(.init(source: "s")))) }
      let twiceRefusal = try await status { try await twice.finish() }
      #expect(twiceRefusal?.code == .invalidArgument)
      let wordy = try await catalog.importResults()
      let version = String(repeating: "9", count: 1_001)
      try await wordy.send(.init(part: .header(.init(source: "s", toolVersion: version))))
      let wordyRefusal = try await status { try await wordy.finish() }
      #expect(wordyRefusal?.code == .invalidArgument)
      #expect(wordyRefusal?.message.contains("header.tool_version") == true)
      let large = try await catalog.importResults()
      try await large.send(.init(part: .header(.init(source: "s"))))
      try? await large.send(.init(part: .data(.init(repeating: 32, count: (1 << 20) + 1))))
      let largeRefusal = try await status { try await large.finish() }
      #expect(largeRefusal?.code == .invalidArgument)
    }
  }
}
