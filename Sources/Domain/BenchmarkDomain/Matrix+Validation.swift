/// The names that a matrix may use.
package struct MatrixReferences: Sendable {
  /// Ids of registered models.
  package var modelIDs: Set<String>
  /// Ids of registered hardware profiles.
  package var hardwareIDs: Set<String>
  /// Ids of registered engines.
  package var engineIDs: Set<String>

  /// Makes the set of names.
  package init(modelIDs: Set<String>, hardwareIDs: Set<String>, engineIDs: Set<String>) {
    self.modelIDs = modelIDs
    self.hardwareIDs = hardwareIDs
    self.engineIDs = engineIDs
  }
}

extension Matrix {
  /// Most combinations, counted before exclusions and before duplicates are dropped.
  package static let maximumCombinations = 10_000_000
  /// Most exclude rules.
  package static let maximumExclusions = 1_000
  /// Most include rules.
  package static let maximumInclusions = 100
  /// Most workload patterns.
  package static let maximumPatterns = 100
  /// Largest token count, concurrency and batch.
  package static let maximumWorkloadValue: Int32 = 10_000_000

  /// Checks everything that can be checked without the catalog: dimensions that hold something,
  /// numbers in range, quantizations that are known, and the number of combinations.
  package func validate() throws(MatrixError) {
    try checkName()
    try checkDimensions()
    try checkCount(workloads.count, limit: Matrix.maximumPatterns, "workloads")
    try checkCount(exclude.count, limit: Matrix.maximumExclusions, "exclude")
    try checkCount(include.count, limit: Matrix.maximumInclusions, "include")
    for (index, pattern) in workloads.enumerated() {
      try check(pattern, "workloads[\(index)]")
    }
    for (index, rule) in exclude.enumerated() { try check(rule, "exclude[\(index)]") }
    for (index, rule) in include.enumerated() { try check(rule, "include[\(index)]") }
    _ = try combinationCount()
  }

  /// Checks what `validate()` checks, and that every name is registered.
  package func validate(against known: MatrixReferences) throws(MatrixError) {
    try validate()
    try check(modelIDs, among: known.modelIDs, "model", "models")
    try check(hardwareIDs, among: known.hardwareIDs, "hardware profile", "hardware")
    try check(engineIDs, among: known.engineIDs, "engine", "engines")
    // What is excluded may be unknown: it is not going to be measured.
    for (index, rule) in include.enumerated() {
      let field = "include[\(index)]"
      try check(rule.modelIDs, among: known.modelIDs, "model", "\(field).models")
      try check(
        rule.hardwareIDs, among: known.hardwareIDs, "hardware profile", "\(field).hardware")
      try check(rule.engineIDs, among: known.engineIDs, "engine", "\(field).engines")
    }
  }

  private func checkName() throws(MatrixError) {
    guard name.utf8.count <= 200 else {
      throw MatrixError(.outOfRange, field: "name", "the name is longer than 200 bytes")
    }
  }

  private func checkDimensions() throws(MatrixError) {
    for (field, count) in [
      ("models", modelIDs.count), ("hardware", hardwareIDs.count), ("engines", engineIDs.count),
      ("quantizations", quantizationIDs.count), ("workloads", workloads.count),
    ] where count == 0 {
      throw MatrixError(.emptyDimension, field: field, "the dimension has no value")
    }
    for (field, ids) in [
      ("models", modelIDs), ("hardware", hardwareIDs), ("engines", engineIDs),
    ] {
      try checkIDs(ids, field)
    }
    try checkQuantizations(quantizationIDs, "quantizations")
  }

  private func checkCount(_ count: Int, limit: Int, _ field: String) throws(MatrixError) {
    guard count <= limit else {
      throw MatrixError(.outOfRange, field: field, "\(count) entries; at most \(limit) may stand")
    }
  }

  private func checkIDs(_ ids: [String], _ field: String) throws(MatrixError) {
    for (index, id) in ids.enumerated() where id.isEmpty || id.utf8.count > 200 {
      throw MatrixError(.outOfRange, field: "\(field)[\(index)]", "an id has 1 to 200 bytes")
    }
  }

  private func checkQuantizations(_ ids: [String], _ field: String) throws(MatrixError) {
    for (index, id) in ids.enumerated() where Quantization.known(id) == nil {
      throw MatrixError(
        .unknownReference, field: "\(field)[\(index)]",
        "unknown quantization \"\(id.prefix(200))\"; known are "
          + Quantization.known.map(\.id).joined(separator: ", "))
    }
  }

  private func check(_ pattern: WorkloadPattern, _ field: String) throws(MatrixError) {
    for (name, values) in [
      ("input_tokens", pattern.inputTokens), ("output_tokens", pattern.outputTokens),
      ("concurrency", pattern.concurrency),
    ] {
      guard !values.isEmpty else {
        throw MatrixError(
          .emptyDimension, field: "\(field).\(name)", "the dimension has no value")
      }
      try checkRange(values, from: 1, "\(field).\(name)")
    }
    try checkRange(pattern.maxBatch, from: 0, "\(field).max_batch")
  }

  private func check(_ rule: MatrixRule, _ field: String) throws(MatrixError) {
    try checkIDs(rule.modelIDs, "\(field).models")
    try checkIDs(rule.hardwareIDs, "\(field).hardware")
    try checkIDs(rule.engineIDs, "\(field).engines")
    try checkQuantizations(rule.quantizationIDs, "\(field).quantizations")
    try checkRange(rule.inputTokens, from: 1, "\(field).input_tokens")
    try checkRange(rule.outputTokens, from: 1, "\(field).output_tokens")
    try checkRange(rule.concurrency, from: 1, "\(field).concurrency")
    try checkRange(rule.maxBatch, from: 0, "\(field).max_batch")
    guard rule != MatrixRule() else {
      throw MatrixError(.emptyDimension, field: field, "the rule names no dimension")
    }
  }

  private func checkRange(_ values: [Int32], from low: Int32, _ field: String) throws(MatrixError) {
    for (index, value) in values.enumerated()
    where value < low || value > Matrix.maximumWorkloadValue {
      throw MatrixError(
        .outOfRange, field: "\(field)[\(index)]",
        "\(value) is outside \(low) to \(Matrix.maximumWorkloadValue)")
    }
  }

  private func check(
    _ ids: [String], among known: Set<String>, _ kind: String, _ field: String
  ) throws(MatrixError) {
    for (index, id) in ids.enumerated() where !known.contains(id) {
      throw MatrixError(
        .unknownReference, field: "\(field)[\(index)]",
        "unknown \(kind) \"\(id.prefix(200))\"\(NameHint.text(for: id, among: known))")
    }
  }
}
