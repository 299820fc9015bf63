/// Which configurations; an empty list or 0 lets everything through.
package struct ConfigurationFilter: Sendable, Hashable {
  /// Model ids.
  package var modelIDs: [String] = []
  /// Hardware profile ids.
  package var hardwareIDs: [String] = []
  /// Accelerators, e.g. "H100-80GB".
  package var accelerators: [String] = []
  /// Engine ids.
  package var engineIDs: [String] = []
  /// Quantization ids.
  package var quantizationIDs: [String] = []
  /// Fewest prompt tokens.
  package var minInputTokens: Int32 = 0
  /// Most prompt tokens.
  package var maxInputTokens: Int32 = 0
  /// Fewest answer tokens.
  package var minOutputTokens: Int32 = 0
  /// Most answer tokens.
  package var maxOutputTokens: Int32 = 0
  /// Fewest requests in flight.
  package var minConcurrency: Int32 = 0
  /// Most requests in flight.
  package var maxConcurrency: Int32 = 0

  /// Makes a filter that lets everything through.
  package init() {}
}
