import FoundationEssentials

/// A folder of GGUF files named `MODEL-QUANTIZATION.gguf`.
///
/// MODEL is the last part of the model's id, letters in any case: "HuggingFaceTB/SmolLM2-135M-
/// Instruct" in "q8_0" is `smollm2-135m-instruct-q8_0.gguf`. llama.cpp's `f16` is our `fp16`.
package struct ModelFolder: Sendable, Hashable {
  /// Where it is.
  package let path: String

  /// Names a folder; nothing is read yet.
  package init(path: String) { self.path = path }

  private static func stem(of modelID: String) -> String {
    (modelID.split(separator: "/").last.map(String.init) ?? modelID).lowercased()
  }

  /// The file of a model's quantization. Throws `EngineError` when there is none.
  package func file(modelID: String, quantizationID: String) throws(EngineError) -> String {
    let wanted = Self.stem(of: modelID)
    for name in try names() {
      guard let (stem, quantization) = Self.split(name) else { continue }
      if stem == wanted, quantization == quantizationID { return path + "/" + name }
    }
    throw EngineError(
      .missing, "the model folder has no \(wanted)-\(quantizationID).gguf")
  }

  /// Quantizations of a model that the folder has, ordered. Throws `EngineError`.
  package func quantizationIDs(modelID: String) throws(EngineError) -> [String] {
    let wanted = Self.stem(of: modelID)
    return try names().compactMap { Self.split($0) }.filter { $0.stem == wanted }
      .map(\.quantization).sorted()
  }

  private func names() throws(EngineError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw EngineError(.missing, "the model folder \(path) cannot be read")
    }
  }

  private static func split(_ name: String) -> (stem: String, quantization: String)? {
    let lower = name.lowercased()
    guard lower.hasSuffix(".gguf"), let dash = lower.lastIndex(of: "-") else { return nil }
    let quantization = String(lower[lower.index(after: dash)...].dropLast(5))
    return (String(lower[..<dash]), quantization == "f16" ? "fp16" : quantization)
  }
}
