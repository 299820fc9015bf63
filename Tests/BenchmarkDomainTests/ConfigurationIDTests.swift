import BenchmarkDomain
import Testing

@Suite struct ConfigurationIDTests {
  // Computed with Python's mmh3 5: hash64(bytes, 0, x64arch=True), first half before second.
  @Test(
    "MurmurHash3 x64 128 gives the reference's values",
    arguments: [
      ("", "00000000000000000000000000000000"),
      ("a", "85555565f6597889e6b53a48510e895a"),
      ("hello", "cbd8a7b341bd9b025b1e906a48ae1d19"),
      ("12345678", "3b4a640638b1419c913b0e676bd42557"),
      ("123456789", "3c84645edb66cca499f8fac73a1ea105"),
      ("0123456789abcdef", "4be06d94cf4ad1a787c35b5c63a708da"),
      ("0123456789abcdefg", "8e32612daa45f9de0800f4c206c372ee"),
      ("The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c7a433ca9c49a9347"),
    ])
  func hashes(text: String, expected: String) {
    #expect(Self.hash(Array(text.utf8)) == expected)
  }

  @Test("MurmurHash3 takes every byte value") func hashesBytes() {
    #expect(Self.hash(Array(0...255)) == "1c99c313dc6f12b970d6077fab34cc1e")
  }

  // Golden: an id may never change. Computed with mmh3 from the documented canonical form.
  @Test("ids are the same on every machine and for ever") func golden() {
    let llama = "meta-llama/Llama-3.1-8B-Instruct"
    let plain = Configuration(
      modelID: llama, hardwareID: "h100-80gb-x1", engineID: "vllm", quantizationID: "fp16",
      workload: Workload(inputTokens: 256, outputTokens: 256, concurrency: 1))
    #expect(plain.id.description == "c1-42e9bd823b467facb3584d31e4bdc58e")
    let batched = Configuration(
      modelID: llama, hardwareID: "h100-80gb-x1", engineID: "vllm", quantizationID: "fp16",
      workload: Workload(inputTokens: 256, outputTokens: 256, concurrency: 1, maxBatch: 32))
    #expect(batched.id.description == "c1-364230c26bfb15a2fbdc74b1a64abf94")
    let extra = Configuration(
      modelID: "HuggingFaceTB/SmolLM2-135M-Instruct", hardwareID: "cpu-x1",
      engineID: "llama.cpp", quantizationID: "q4_k_m",
      workload: Workload(inputTokens: 64, outputTokens: 32, concurrency: 4),
      extraDimensions: [
        Dimension(name: "tensor_parallel", value: "4"),
        Dimension(name: "pipeline_parallel", value: "2"),
      ])
    #expect(extra.id.description == "c1-d5b67c782c444f6d5e2340711337a761")
    let foreign = Configuration(
      modelID: "модель/ü", hardwareID: "cpu-x1", engineID: "llama.cpp", quantizationID: "q8_0",
      workload: Workload(inputTokens: 1, outputTokens: 1, concurrency: 1))
    #expect(foreign.id.description == "c1-7aee9ce092a732d853b893e14475b253")
  }

  // Computed as above. Such numbers come from nowhere but a damaged row, whose id is checked.
  @Test("ids of numbers of any length") func numbers() {
    func id(_ workload: Workload) -> String {
      Configuration(
        modelID: "m", hardwareID: "h", engineID: "e", quantizationID: "q", workload: workload
      ).id.description
    }
    #expect(
      id(Workload(inputTokens: .max, outputTokens: 0, concurrency: .min))
        == "c1-d22bfdde7fc4bce391b60f0c2f5f22fe")
    #expect(
      id(Workload(inputTokens: 10, outputTokens: 9, concurrency: 99, maxBatch: -7))
        == "c1-079e51468a4e6182888d49284105be18")
  }

  @Test("an id reads back what it prints, and nothing else") func reads() {
    let text = "c1-42e9bd823b467facb3584d31e4bdc58e"
    #expect(ConfigurationID(text)?.description == text)
    for bad in [
      "", "c1-", "c2-42e9bd823b467facb3584d31e4bdc58e", text + "0", String(text.dropLast()),
      "c1-42E9bd823b467facb3584d31e4bdc58e", "c1-42e9bd823b467facb3584d31e4bdc58g",
    ] {
      #expect(ConfigurationID(bad) == nil)
    }
  }

  private static func hash(_ bytes: [UInt8]) -> String {
    let (high, low) = bytes.withUnsafeBytes { MurmurHash3.hash($0) }
    return String(ConfigurationID(high: high, low: low).description.dropFirst(3))
  }
}
