import Foundation
import Testing

@Suite("Bad input", .serialized)
struct BadInputTests {
  /// One wrong thing to say and the exit codes that may answer it.
  private struct Wrong {
    let words: [String]
    let codes: Set<Int32>
    init(_ words: String..., codes: Int32...) {
      self.words = words
      self.codes = Set(codes)
    }
  }

  /// It ended with one of the codes, and with one plain sentence.
  private func expectRefused(
    _ finished: Stand.Finished, _ codes: Set<Int32>, _ what: String
  ) {
    let said = finished.errors.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(codes.contains(finished.exitCode), "\(what): \(finished.exitCode), \(said)")
    #expect(!said.isEmpty, "\(what) says nothing")
    #expect(finished.output.isEmpty, "\(what): \(finished.output)")
    let fields = ["model_ids", "criteria", "objectives", "header.", "filter.", "matrix.", "top_k"]
    for mess in ["Error(", "Optional(", "\u{1B}", "RPCError", "Fatal"] + fields {
      #expect(!said.contains(mess), "\(what): \(said)")
    }
    #expect(!said.contains("Missing value"), "\(what): \(said)")
    #expect(said.split(separator: "\n").count == 1, "\(what): \(said)")
  }

  @Test("wrong words get their exit code and one plain sentence, and change nothing")
  func words() async throws {
    let stand = try await Stand(engineFlags: nil)
    let wrong = [
      Wrong("models", "show", "nobody/nothing", codes: 3),
      Wrong("run", "show", "no-such-run", codes: 3),
      Wrong("run", "cancel", "no-such-run", codes: 3),
      Wrong("watch", "no-such-run", codes: 3),
      Wrong("results", "show", "c1-0123456789abcdef0123456789abcdef", codes: 3),
      Wrong("results", "show", "not an id", codes: 2),
      Wrong("results", "requests", "no-such-result", codes: 3),
      Wrong("results", "--run", "no-such-run", codes: 3),
      Wrong("results", "--model", "nobody/nothing", codes: 3),
      Wrong("prices", "--hardware", "abacus-x1", codes: 3),
      Wrong("prices", "--model", "nobody/nothing", codes: 3),
      Wrong("matrix", "default", "--model", "nobody/nothing", codes: 3),
      Wrong("recommend", "--model", "nobody/nothing", codes: 3),
      Wrong("recommend", "--engine", "vlm", codes: 3),
      Wrong("pareto", "--quantization", "fp61", codes: 3),
      Wrong("recommend", "--accelerator", "H1000", codes: 3),
      Wrong("results", "--accelerator", "H1000", codes: 3),
      Wrong("results", "--quantization", "fp61", codes: 3),
      Wrong("recommend", "--max-ttft", "500", codes: 2),
      Wrong("recommend", "--max-error-rate", "2", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--weight", "ttft=0", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--weight", "ttft=-1", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--weight", "error_rate-p95=1", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--limit-to", "error_rate<=5ms", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--max-ttft", "nan", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--max-cost", "nan", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--max-cost", "inf", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--max-cost", "-1", codes: 2),
      Wrong("recommend", "--model", Trial.model, "--top", "101", codes: 2),
      Wrong("pareto", "--model", Trial.model, "--weight", "ttft=1", codes: 2),
      Wrong("results", "--order-by", "beauty", codes: 2),
      Wrong("import", "/no/such/file.csv", codes: 3),
      Wrong("matrix", "preview", "/no/such/file.yaml", codes: 3),
      Wrong("frobnicate", codes: 2),
      Wrong("results", "--no-such-flag", codes: 2),
      Wrong("run", "create", codes: 2),
      Wrong("models", "register", "", codes: 2),
      Wrong("models", "register", "a b", codes: 2),
      Wrong("matrix", "default", "--model", "gpt-4o", codes: 4),
      Wrong("recommend", "--input-tokens", "0", codes: 2),
      Wrong("prices", "register", "--hardware", "l4-x1", "--offer", "x", "--source", "y", codes: 2),
    ]
    for wrong in wrong {
      let process = try stand.start(wrong.words)
      let code = try await process.end()
      expectRefused(
        Stand.Finished(output: process.output, errors: process.errors, exitCode: code),
        wrong.codes, wrong.words.joined(separator: " "))
    }
    #expect(stand.server.exitCode == nil)
    #expect(try await stand.json("run", "list").list.isEmpty)
  }

  @Test("whatever asks for a run that is not there hears the same sentence")
  func noRun() async throws {
    let stand = try await Stand(engineFlags: nil)
    for words in [
      ["run", "show", "x"], ["run", "cancel", "x"], ["watch", "x"], ["results", "--run", "x"],
    ] {
      let process = try stand.start(words)
      #expect(try await process.end() == 3)
      #expect(process.errors == "benchfront: there is no run 'x'\n", "\(words)")
    }
  }

  private static var matrices: [(name: String, text: String)] {
    let good = Trial.matrix()
    let many = (1...10_000).map(String.init).joined(separator: ",")
    return [
      ("unknown key", good + "\ncolour: [red]\n"),
      ("empty dimension", good.replacingOccurrences(of: "[l4-x1]", with: "[]")),
      ("unknown model", Trial.matrix(model: "nobody/nothing")),
      ("unknown hardware", good.replacingOccurrences(of: "l4-x1", with: "abacus-x1")),
      (
        "a million million combinations",
        good
          .replacingOccurrences(of: "[8]", with: "[\(many)]")
          .replacingOccurrences(of: "[16]", with: "[\(many)]")
          .replacingOccurrences(of: "[1, 2]", with: "[\(many)]")
      ),
      (
        "aliases",
        """
        version: 1
        a: &a [x,x,x,x,x,x,x,x,x]
        b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
        c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
        models: [*c,*c,*c,*c,*c,*c,*c,*c,*c]
        """
      ),
      ("negative count", good.replacingOccurrences(of: "[8]", with: "[-8]")),
      ("no YAML", "{{{{"), ("nothing", ""), ("deep", String(repeating: "[", count: 50_000)),
      ("cannot fit", good.replacingOccurrences(of: "[8]", with: "[9000000]")),
    ]
  }

  @Test("matrices that make no sense are refused before anything is made")
  func matrices() async throws {
    let stand = try await Stand(engineFlags: nil)
    for (name, text) in Self.matrices {
      let file = try stand.file("wrong.yaml", text)
      let made = try await stand.cli("run", "create", file, "--requests", "3")
      expectRefused(made, [3, 4], "run of a matrix with \(name)")
      guard name != "cannot fit" else { continue }
      let preview = try await stand.cli("matrix", "preview", file)
      expectRefused(preview, [3, 4], "preview of a matrix with \(name)")
    }
    #expect(stand.server.exitCode == nil)
    #expect(try await stand.json("run", "list").list.isEmpty)
  }

  @Test("a name that the catalog does not have is refused where it stands in the matrix")
  func unknownNameInMatrix() async throws {
    let stand = try await Stand(engineFlags: nil)
    let file = try stand.file("wrong.yaml", Trial.matrix(model: "nobody/nothing"))
    let preview = try await stand.cli("matrix", "preview", file)
    #expect(preview.exitCode == 4)
    #expect(preview.errors.contains("wrong.yaml:3:10: unknown model \"nobody/nothing\""))
  }

  @Test("the default matrix is a file that a preview and a run take")
  func defaultMatrix() async throws {
    let stand = try await Stand(engineFlags: nil)
    for format in ["table", "json"] {
      let printed = try await stand.cli(
        "matrix", "default", "--model", Trial.model, "--output", format)
      #expect(printed.exitCode == 0)
      #expect(printed.errors.contains("10,368 configurations"))
      let file = try stand.file("default.yaml", printed.output)
      let preview = try await stand.json("matrix", "preview", file)
      #expect(preview["configuration_count"].int == 10_368)
    }
  }

  @Test("files that are no results are refused whole")
  func imports() async throws {
    let stand = try await Stand(engineFlags: nil)
    let garbage = stand.folder.appending(path: "garbage.csv")
    try Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 5) })
      .write(to: garbage)
    let whole = ResultFile.text
    let half = try stand.file("half.csv", String(whole.dropLast(30)))
    let headless = try stand.file("headless.csv", "id,ttft\n1,2\n")
    let absurd = try stand.file(
      "absurd.csv", whole.replacingOccurrences(of: "250.5", with: "nan"))
    for file in [garbage.path, half, headless, absurd] {
      let name = file.split(separator: "/").last.map(String.init) ?? ""
      expectRefused(try await stand.cli("import", file), [4], "import of \(name)")
    }
    #expect(try await stand.json("results").list.isEmpty)
    #expect(stand.server.exitCode == nil)

    let good = try stand.file("good.csv", whole)
    #expect(try await stand.json("import", good).list.map { $0["result_count"].int } == [1])
    #expect(try await stand.json("import", good).list.map { $0["duplicate_count"].int } == [1])
    let results = try await stand.json("results").list
    #expect(results.map { $0["provenance"].string } == ["imported"])
    let id = try #require(results.first?["result_id"].string)
    let requests = try await stand.cli("results", "requests", id)
    expectRefused(requests, [3], "requests of an imported result")
    #expect(requests.errors.contains("it was imported"))
    expectRefused(
      try await stand.cli("import", good, "--format", "nope"), [2], "import of no known format")
  }

  @Test("an agent whose hardware or engine is misspelt ends with what is like it")
  func misspeltAgent() async throws {
    let stand = try await Stand()
    try stand.startAgent("hardware", hardware: "l4-1")
    try stand.startAgent("engine", engineID: "vlm")
    for (name, part) in [
      ("hardware", "unknown hardware profile \"l4-1\"; registered are l4-x1, "),
      ("engine", "unknown engine \"vlm\"; registered are vllm, "),
    ] {
      let agent = try stand.agent(name)
      #expect(try await agent.end(within: .seconds(10)) == 1)
      #expect(agent.errors.contains(part), "\(agent.errors)")
    }
    #expect(try await stand.json("agents").list.isEmpty)
    #expect(stand.server.exitCode == nil)
  }

  @Test("what can be known to be wrong without a server ends the programs at once")
  func wrongAddresses() async throws {
    let stand = try await Stand()
    for server in ["nope", "http://127.0.0.1:1", ":1"] {
      let said = try await stand.cli("models", server: server)
      expectRefused(said, [2], "server \(server)")
      #expect(!said.errors.contains("IPv6"))
    }
    try stand.startAgent("server", flags: ["--server", "nope"])
    try stand.startAgent("quantization", flags: ["--quantization", "fp61"])
    for (name, words) in [
      ("server", "'nope' has no port"), ("quantization", "--quantization fp61 is not known"),
    ] {
      #expect(try await stand.agent(name).end(within: .seconds(10)) == 2)
      let errors = try stand.agent(name).errors
      #expect(errors.contains(words), "\(errors)")
    }
  }

  @Test("what is not there is said with exit code 5, in a sentence")
  func unavailable() async throws {
    let stand = try await Stand(engineFlags: nil)
    let nobody = "127.0.0.1:1"
    expectRefused(try await stand.cli("models", server: nobody), [5], "no server")

    let second = try ProcessUnderTest(
      "benchfront-server",
      ["serve", "--listen", "127.0.0.1:0"]
        + ["--data-dir", stand.folder.appending(path: "data").path],
      name: "second", folder: stand.folder)
    #expect(try await second.end(within: .seconds(10)) == 5)
    #expect(second.errors.split(separator: "\n").last?.contains("data") == true)
    #expect(stand.server.exitCode == nil)
    #expect(try await stand.cli("hardware").exitCode == 0)

    let address = try ProcessUnderTest(
      "benchfront-server",
      ["serve", "--listen", stand.serverAddress]
        + ["--data-dir", stand.folder.appending(path: "other").path],
      name: "address", folder: stand.folder)
    #expect(try await address.end(within: .seconds(10)) == 5)

    try stand.startAgent(engine: nobody)
    #expect(try await stand.agent().end(within: .seconds(30)) == 5)
    #expect(try stand.agent().errors.contains("benchfront-agent: "))
  }
}

/// One row in aiconfigurator's form.
private enum ResultFile {
  static let text =
    "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
    + "gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,"
    + "moe_ep_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,prefill_attention_dp_size,"
    + "prefill_moe_ep_size,decode_num_workers,decode_tp_size,decode_pp_size,"
    + "decode_attention_dp_size,decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms\n"
    + "row_1,db-dump/2026-04-27; config_id=7; silicon_concurrency=8; "
    + "measured=2026-04-17T00:00:00.000Z; workflow_run_id=758; vllm/vllm-openai:v0.19.0,"
    + "vllm,0.19.0,org/model,h100_sxm,fp8,agg,1024,512,fp8,fp8,8,4,1,1,4,1,,,,,,,,,,,250.5,12.25\n"
}
