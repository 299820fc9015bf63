import BenchmarkDomain
import MatrixFile
import Testing

@Suite struct MatrixFileTests {
  private let good = """
    version: 1
    name: smollm2-cpu
    models: [HuggingFaceTB/SmolLM2-135M-Instruct]
    hardware: [cpu-x1]
    engines: [llama.cpp]
    quantizations: [q4_k_m, q8_0]   # two of them
    workloads:
      - name: chat
        input_tokens: [64]
        output_tokens: [32]
        concurrency: [1, 2, 4]
        max_batch: [8]
    exclude:
      - quantizations: [q8_0]
        concurrency: [4]
    include:
      - hardware: [h100-80gb-x1]
        concurrency: [256]
    """

  private func refusal(_ text: String) throws -> MatrixFileError {
    try #require(throws: MatrixFileError.self) { try MatrixDocument.parse(Array(text.utf8)) }
  }

  private func refusal(replacing old: String, by new: String) throws -> MatrixFileError {
    let parts = good.components(of: old)
    try #require(parts.count == 2)
    return try refusal(parts[0] + new + parts[1])
  }

  @Test("a whole file becomes its matrix") func whole() throws {
    let matrix = try MatrixDocument.parse(Array(good.utf8))
    #expect(matrix.name == "smollm2-cpu")
    #expect(matrix.modelIDs == ["HuggingFaceTB/SmolLM2-135M-Instruct"])
    #expect(matrix.quantizationIDs == ["q4_k_m", "q8_0"])
    #expect(matrix.workloads[0].concurrency == [1, 2, 4])
    #expect(matrix.workloads[0].maxBatch == [8])
    #expect(matrix.exclude[0].quantizationIDs == ["q8_0"])
    #expect(matrix.include[0].concurrency == [256])
    // 2 * 3 less one, and two that are included.
    #expect(try matrix.configurationCount() == 7)
  }

  @Test("a matrix that is written is read back the same") func roundTrip() throws {
    let whole = try MatrixDocument.parse(Array(good.utf8))
    var strange = whole
    strange.name = "a *b &c \"d\\ \t: # é {}"
    strange.modelIDs = ["null", "42", "-", "- x", "hub/Model.v1_2", "true", "*a", "[b]"]
    strange.workloads[0].name = ""
    strange.workloads[0].maxBatch = []
    strange.include[0].maxBatch = [0]
    for matrix in [whole, .standard(modelIDs: ["meta-llama/Llama-3.1-8B-Instruct"]), strange] {
      var expected = matrix
      // A pattern without a name is called by its number.
      if matrix.workloads[0].name.isEmpty { expected.workloads[0].name = "workload 1" }
      let text = MatrixDocument.text(of: matrix)
      #expect(try MatrixDocument.parse(Array(text.utf8)) == expected, "\(text)")
    }
  }

  @Test("what the catalog does not have is refused where it stands") func places() throws {
    let document = try MatrixDocument(Array(good.utf8))
    #expect(
      document.refusal(of: "models[0]", "unknown model \"x\"").description
        == "3:10: unknown model \"x\"")
    #expect(document.refusal(of: "include[0].hardware[0]", "unknown").line == 17)
    // What has no place of its own is put where the thing around it stands.
    #expect(document.refusal(of: "workloads[0].concurrency[9]", "wrong").line == 11)
    #expect(document.refusal(of: "", "wrong").description == "wrong")
  }

  @Test("unknown keys are refused where they stand") func unknownKeys() throws {
    let top = try refusal(replacing: "engines: [llama.cpp]", by: "engine: [llama.cpp]")
    #expect(top.code == .unknownKey)
    #expect(top.line == 5 && top.column == 1)
    #expect(top.message.contains("engines"))
    let inner = try refusal(replacing: "max_batch: [8]", by: "max_batches: [8]")
    #expect(inner.code == .unknownKey)
    #expect(inner.line == 12 && inner.column == 5)
  }

  @Test("a missing, unknown or garbled version is refused") func version() throws {
    #expect(try refusal(replacing: "version: 1\n", by: "").code == .missingKey)
    let two = try refusal(replacing: "version: 1", by: "version: 2")
    #expect(two.code == .unsupportedVersion)
    #expect(two.description.hasPrefix("1:10: "))
    #expect(try refusal(replacing: "version: 1", by: "version: one").code == .wrongType)
    #expect(try refusal(replacing: "version: 1", by: "version: \"1\"").code == .wrongType)
  }

  @Test("missing keys are named") func missing() throws {
    let error = try refusal(replacing: "hardware: [cpu-x1]\n", by: "")
    #expect(error.code == .missingKey)
    #expect(error.message.contains("hardware"))
    #expect(try refusal("").code == .missingKey)
  }

  @Test("wrong types are refused where they stand") func types() throws {
    let text = try refusal(replacing: "engines: [llama.cpp]", by: "engines: llama.cpp")
    #expect(text.code == .wrongType)
    #expect(text.line == 5 && text.column == 10)
    for (old, new) in [
      ("concurrency: [1, 2, 4]", "concurrency: [1, two, 4]"),
      ("concurrency: [1, 2, 4]", "concurrency: [1, 2.5, 4]"),
      ("concurrency: [1, 2, 4]", "concurrency: [1, 99999999999, 4]"),
      ("concurrency: [1, 2, 4]", "concurrency: 4"),
      ("models: [HuggingFaceTB/SmolLM2-135M-Instruct]", "models: [[a]]"),
      ("models: [HuggingFaceTB/SmolLM2-135M-Instruct]", "models: [~]"),
      ("name: smollm2-cpu", "name: {a: b}"),
    ] {
      #expect(try refusal(replacing: old, by: new).code == .wrongType)
    }
    #expect(try refusal("[1, 2]").code == .wrongType)
  }

  @Test("empty dimensions and bad numbers are refused where they stand") func empty() throws {
    let empty = try refusal(replacing: "engines: [llama.cpp]", by: "engines: []")
    #expect(empty.code == .invalidMatrix)
    #expect(empty.line == 5 && empty.column == 10)
    let zero = try refusal(replacing: "concurrency: [1, 2, 4]", by: "concurrency: [1, 0, 4]")
    #expect(zero.code == .invalidMatrix)
    #expect(zero.line == 11 && zero.column == 22)
    let unknown = try refusal(replacing: "[q4_k_m, q8_0]", by: "[q4_k_m, q9]")
    #expect(unknown.line == 6 && unknown.column == 25)
    #expect(unknown.message.contains("q8_0"))
    let rule = try refusal(replacing: "quantizations: [q8_0]", by: "quantizations: []")
    #expect(rule.code == .invalidMatrix)
    #expect(rule.line == 14)
  }

  @Test("10^12 combinations are refused at once") func tooMany() throws {
    let list = "[" + (1...10_000).map(String.init).joined(separator: ",") + "]"
    let text = good.components(of: "input_tokens: [64]").joined(
      separator: "input_tokens: \(list)")
    let huge = text.components(of: "concurrency: [1, 2, 4]").joined(
      separator: "concurrency: \(list)")
    let error = try refusal(
      huge.components(of: "output_tokens: [32]").joined(separator: "output_tokens: \(list)"))
    #expect(error.code == .invalidMatrix)
    #expect(error.message.contains("10,000,000"))
    #expect(error.line == 8 && error.column == 3)
  }

  @Test("a bomb of aliases is refused before it is parsed") func bomb() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(items)]\n"
    }
    let error = try refusal(text)
    #expect(error.code == .alias)
    #expect(error.line == 1 && error.column == 5)
    #expect(try refusal(replacing: "- name: chat", by: "- <<: *x").code == .alias)
    #expect(try refusal(replacing: "[cpu-x1]", by: "[\"#\", *x]").code == .alias)
  }

  @Test("deep nesting is refused and does not exhaust the stack") func deep() throws {
    for text in [
      String(repeating: "[", count: 500_000), String(repeating: "{a: ", count: 200_000),
      String(repeating: "- ", count: 500_000), String(repeating: "? ", count: 500_000),
    ] {
      let error = try refusal(text)
      #expect(error.code == .syntax)
      #expect(error.line != nil && error.column != nil)
      #expect(!error.message.contains("yaml_"), "\(error)")
    }
    let closed = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(try refusal("version: " + closed).code == .wrongType)
  }

  @Test("what is not YAML is refused with its place") func garbage() throws {
    let error = try refusal("version: 1\nname: [unclosed\n")
    #expect(error.code == .syntax)
    #expect(error.line != nil)
    #expect(try refusal("version: 1\nversion: 1\n").message.contains("stands twice"))
    #expect(try refusal(good + "\n---\nversion: 1\n").code == .syntax)
    for bytes in [[0xFF, 0xFE, 0x00], [0x00], Array("a\u{0}b".utf8)] as [[UInt8]] {
      let error = try #require(throws: MatrixFileError.self) { try MatrixDocument.parse(bytes) }
      #expect(error.code == .notText)
    }
  }

  @Test("a file above 1 MiB is refused unread") func large() throws {
    let error = try refusal(String(repeating: "#", count: MatrixDocument.maximumBytes + 1))
    #expect(error.code == .tooLarge)
  }
}

extension String {
  /// Splits at every occurrence of a text.
  fileprivate func components(of separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
