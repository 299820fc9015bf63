/// What a new catalog starts with. Figures are the makers' data sheets and the models' published
/// configurations; anything else can be registered beside them.
package enum SeedCatalog {
  /// Models: self-hosted with their architecture, and two hosted ones.
  package static let models: [Model] = [
    Model(
      id: "meta-llama/Llama-3.1-8B-Instruct", displayName: "Llama 3.1 8B Instruct",
      parameterCount: 8_030_261_248, layerCount: 32, keyValueHeadCount: 8, headDimension: 128,
      contextLength: 131_072, license: "llama3.1"),
    Model(
      id: "meta-llama/Llama-3.1-70B-Instruct", displayName: "Llama 3.1 70B Instruct",
      parameterCount: 70_553_706_496, layerCount: 80, keyValueHeadCount: 8, headDimension: 128,
      contextLength: 131_072, license: "llama3.1"),
    Model(
      id: "Qwen/Qwen2.5-7B-Instruct", displayName: "Qwen2.5 7B Instruct",
      parameterCount: 7_615_616_512, layerCount: 28, keyValueHeadCount: 4, headDimension: 128,
      contextLength: 32_768, license: "Apache-2.0"),
    Model(
      id: "HuggingFaceTB/SmolLM2-135M-Instruct", displayName: "SmolLM2 135M Instruct",
      parameterCount: 134_515_008, layerCount: 30, keyValueHeadCount: 3, headDimension: 64,
      contextLength: 8_192, license: "Apache-2.0"),
    Model(
      id: "gpt-4o", displayName: "GPT-4o", kind: .hosted, provider: "openai",
      contextLength: 128_000),
    Model(
      id: "claude-sonnet-4-5", displayName: "Claude Sonnet 4.5", kind: .hosted,
      provider: "anthropic", contextLength: 200_000),
  ]

  /// L4, A100-80GB, H100-80GB and H200 as 1, 2, 4 and 8, and a CPU host of 4 GiB.
  package static let hardware: [HardwareProfile] =
    accelerators.flatMap { accelerator in
      [1, 2, 4, 8].map { accelerator.profile(count: $0) }
    } + [
      HardwareProfile(
        id: "cpu-x1", accelerator: "CPU", acceleratorCount: 1, memoryBytes: 4 * gibibyte)
    ]

  /// Engines with the quantizations that each serves.
  package static let engines: [Engine] = [
    Engine(
      id: "vllm", displayName: "vLLM",
      quantizationIDs: ["fp16", "bf16", "fp8", "int8", "int4", "nvfp4"],
      homepage: "https://github.com/vllm-project/vllm"),
    Engine(
      id: "tgi", displayName: "Text Generation Inference",
      quantizationIDs: ["fp16", "bf16", "fp8", "int8", "int4"],
      homepage: "https://github.com/huggingface/text-generation-inference"),
    Engine(
      id: "lmdeploy", displayName: "LMDeploy",
      quantizationIDs: ["fp16", "bf16", "fp8", "int8", "int4"],
      homepage: "https://github.com/InternLM/lmdeploy"),
    Engine(
      id: "sglang", displayName: "SGLang",
      quantizationIDs: ["fp16", "bf16", "fp8", "int8", "int4", "nvfp4"],
      homepage: "https://github.com/sgl-project/sglang"),
    Engine(
      id: "tensorrt-llm", displayName: "TensorRT-LLM",
      quantizationIDs: ["fp16", "bf16", "fp8", "int8", "int4", "nvfp4"],
      homepage: "https://github.com/NVIDIA/TensorRT-LLM"),
    Engine(
      id: "llama.cpp", displayName: "llama.cpp",
      quantizationIDs: ["fp16", "bf16", "q8_0", "q4_1", "q4_k_m"],
      homepage: "https://github.com/ggml-org/llama.cpp"),
    // Plays any quantization, so it lists none.
    Engine(id: "simulated", displayName: "Simulated engine", quantizationIDs: []),
  ]

  /// Accelerators of the seed, one each.
  package static let accelerators: [Accelerator] = [
    Accelerator(
      id: "l4", name: "L4", memoryBytes: 24 * gibibyte, bandwidth: 300_000_000_000, watts: 72),
    Accelerator(
      id: "a100-80gb", name: "A100-80GB", memoryBytes: 80 * gibibyte,
      bandwidth: 2_039_000_000_000, watts: 400),
    Accelerator(
      id: "h100-80gb", name: "H100-80GB", memoryBytes: 80 * gibibyte,
      bandwidth: 3_350_000_000_000, watts: 700),
    Accelerator(
      id: "h200", name: "H200", memoryBytes: 141 * gibibyte, bandwidth: 4_800_000_000_000,
      watts: 700),
  ]

  private static let gibibyte: Int64 = 1_073_741_824
}

/// One kind of accelerator, from which profiles are made.
package struct Accelerator: Sendable, Hashable {
  /// Stem of the profiles' ids, e.g. "h100-80gb".
  package let id: String
  /// Name, e.g. "H100-80GB".
  package let name: String
  /// Memory in bytes.
  package let memoryBytes: Int64
  /// Memory bandwidth in bytes per second; 0 when unknown.
  package let bandwidth: Int64
  /// Thermal design power in watts; 0 when unknown.
  package let watts: Double

  /// Describes an accelerator of NVIDIA's.
  package init(id: String, name: String, memoryBytes: Int64, bandwidth: Int64, watts: Double) {
    self.id = id
    self.name = name
    self.memoryBytes = memoryBytes
    self.bandwidth = bandwidth
    self.watts = watts
  }

  /// The profile of `count` of them, id and all, e.g. "h100-80gb-x4".
  package func profile(count: Int32) -> HardwareProfile {
    HardwareProfile(
      id: "\(id)-x\(count)", accelerator: name, vendor: "nvidia", acceleratorCount: count,
      memoryBytes: memoryBytes, memoryBandwidthBytesPerSecond: bandwidth, powerWatts: watts)
  }
}
