/// A set of workloads: every combination of its lists.
package struct WorkloadPattern: Sendable, Hashable {
  /// Name for people.
  package var name: String
  /// Prompt lengths in tokens.
  package var inputTokens: [Int32]
  /// Answer lengths in tokens.
  package var outputTokens: [Int32]
  /// Requests in flight.
  package var concurrency: [Int32]
  /// Largest engine batches; empty for the engine's default alone.
  package var maxBatch: [Int32]

  /// Makes a pattern.
  package init(
    name: String, inputTokens: [Int32], outputTokens: [Int32], concurrency: [Int32],
    maxBatch: [Int32] = []
  ) {
    self.name = name
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.concurrency = concurrency
    self.maxBatch = maxBatch
  }
}

/// Values that a rule speaks of; an empty list speaks of every value.
package struct MatrixRule: Sendable, Hashable {
  /// Model ids.
  package var modelIDs: [String] = []
  /// Hardware profile ids.
  package var hardwareIDs: [String] = []
  /// Engine ids.
  package var engineIDs: [String] = []
  /// Quantization ids.
  package var quantizationIDs: [String] = []
  /// Prompt lengths in tokens.
  package var inputTokens: [Int32] = []
  /// Answer lengths in tokens.
  package var outputTokens: [Int32] = []
  /// Requests in flight.
  package var concurrency: [Int32] = []
  /// Largest engine batches.
  package var maxBatch: [Int32] = []

  /// Makes a rule that speaks of everything.
  package init() {}
}

/// A test matrix: the product of its dimensions, less what is excluded, and what is included
/// besides.
package struct Matrix: Sendable, Hashable {
  /// Name for people.
  package var name: String
  /// Model ids, at least one.
  package var modelIDs: [String]
  /// Hardware profile ids, at least one.
  package var hardwareIDs: [String]
  /// Engine ids, at least one.
  package var engineIDs: [String]
  /// Quantization ids, at least one.
  package var quantizationIDs: [String]
  /// Workload patterns, at least one.
  package var workloads: [WorkloadPattern]
  /// A configuration that matches every list of one of these is left out.
  package var exclude: [MatrixRule]
  /// Products added after the exclusions; an empty list takes the matrix's own values.
  package var include: [MatrixRule]

  /// Makes a matrix.
  package init(
    name: String, modelIDs: [String], hardwareIDs: [String], engineIDs: [String],
    quantizationIDs: [String], workloads: [WorkloadPattern], exclude: [MatrixRule] = [],
    include: [MatrixRule] = []
  ) {
    self.name = name
    self.modelIDs = modelIDs
    self.hardwareIDs = hardwareIDs
    self.engineIDs = engineIDs
    self.quantizationIDs = quantizationIDs
    self.workloads = workloads
    self.exclude = exclude
    self.include = include
  }
}
