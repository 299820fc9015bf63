/// An inference engine.
package struct Engine: Sendable, Hashable {
  /// Plain id, e.g. "vllm".
  package var id: String
  /// Name for people, e.g. "vLLM".
  package var displayName: String
  /// Ids of the quantizations that it can serve; empty when unknown, and then any.
  package var quantizationIDs: [String]
  /// Where its code lives.
  package var homepage: String

  /// Makes an engine.
  package init(id: String, displayName: String, quantizationIDs: [String], homepage: String = "") {
    self.id = id
    self.displayName = displayName
    self.quantizationIDs = quantizationIDs
    self.homepage = homepage
  }
}
