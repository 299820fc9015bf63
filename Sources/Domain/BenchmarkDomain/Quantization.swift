/// A numerical format of a model's weights.
///
/// The set is open: results may name any id, but a matrix may only name one that stands in
/// `known`, since feasibility needs its size.
package struct Quantization: Sendable, Hashable {
  /// Plain id in lower case, e.g. "fp16" or llama.cpp's "q4_k_m".
  package let id: String
  /// Name for people.
  package let displayName: String
  /// Bits that one weight takes, scales of its group included.
  package let bitsPerWeight: Double

  /// Id of imported results whose source does not say the quantization; no matrix may name it.
  package static let unstatedID = "unstated"

  /// Every quantization whose size is known, the widest first.
  ///
  /// Sizes of llama.cpp's formats: `ggml-quants` blocks (Q8_0: 34 bytes for 32 weights, Q4_1: 20
  /// bytes for 32), and for Q4_K_M, a mix, what llama.cpp prints for Llama 3.1 8B. INT4 is 4 bits
  /// with a 16-bit scale and a 4-bit zero point for 128 weights (AWQ, GPTQ); NVFP4 has an 8-bit
  /// scale for 16.
  package static let known: [Quantization] = [
    Quantization(id: "fp16", displayName: "FP16", bitsPerWeight: 16),
    Quantization(id: "bf16", displayName: "BF16", bitsPerWeight: 16),
    Quantization(id: "q8_0", displayName: "Q8_0 (llama.cpp)", bitsPerWeight: 8.5),
    Quantization(id: "fp8", displayName: "FP8", bitsPerWeight: 8),
    Quantization(id: "int8", displayName: "INT8", bitsPerWeight: 8),
    Quantization(id: "q4_1", displayName: "Q4_1 (llama.cpp)", bitsPerWeight: 5),
    Quantization(id: "q4_k_m", displayName: "Q4_K_M (llama.cpp)", bitsPerWeight: 4.89),
    Quantization(id: "nvfp4", displayName: "NVFP4", bitsPerWeight: 4.5),
    Quantization(id: "int4", displayName: "INT4", bitsPerWeight: 4.15625),
  ]

  /// The quantization with an id, or nil when its size is not known.
  package static func known(_ id: String) -> Quantization? { table[id] }

  private static let table = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0) })
}
