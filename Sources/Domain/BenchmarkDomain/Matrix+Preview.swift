/// Configurations that cannot run for one reason.
package struct InfeasibleGroup: Sendable, Hashable {
  /// Which rule.
  package let reason: InfeasibilityReason
  /// The rule in words, with the figures of the example.
  package let explanation: String
  /// How many.
  package fileprivate(set) var count: Int64
  /// The first of them.
  package let example: Configuration
}

/// What a matrix would make.
package struct MatrixPreview: Sendable, Hashable {
  /// Distinct configurations, infeasible ones among them.
  package fileprivate(set) var configurationCount: Int64 = 0
  /// Configurations that can run.
  package fileprivate(set) var feasibleCount: Int64 = 0
  /// Batches of a run of the feasible ones.
  package fileprivate(set) var batchCount: Int64 = 0
  /// Why the others cannot run, in the order of `InfeasibilityReason`.
  package fileprivate(set) var infeasible: [InfeasibleGroup] = []
  /// The first feasible configurations.
  package fileprivate(set) var samples: [Configuration] = []
}

extension Matrix {
  /// Walks over the matrix once and keeps the counts, and the first `sampleSize` feasible
  /// configurations. Above `limit` distinct configurations it stops: the count is then one more.
  ///
  /// `checkpoint` is called once in a thousand combinations; what it throws ends the walk. Throws
  /// what `validate()` throws.
  package func preview(
    _ feasibility: Feasibility, sampleSize: Int = 0, limit: Int = .max,
    checkpoint: () throws -> Void = {}
  ) throws -> MatrixPreview {
    var preview = MatrixPreview()
    var groups: [InfeasibilityReason: InfeasibleGroup] = [:]
    var perStem: [MatrixStem: Int] = [:]
    var prepared: (stem: MatrixStem, rule: StemFeasibility)?
    var points = try points().makeIterator()
    while let point = try points.next(checkpoint: checkpoint) {
      preview.configurationCount += 1
      if preview.configurationCount > limit { break }
      let rule: StemFeasibility
      if let known = prepared, known.stem == point.stem {
        rule = known.rule
      } else {
        rule = feasibility.prepare(point.stem)
        prepared = (point.stem, rule)
      }
      if let reason = rule.reason(against: point.workload) {
        if groups[reason] == nil { groups[reason] = InfeasibleGroup(reason, rule, point) }
        groups[reason]?.count += 1
      } else {
        perStem[point.stem, default: 0] += 1
        if preview.samples.count < sampleSize { preview.samples.append(point.configuration) }
      }
    }
    for count in perStem.values {
      preview.feasibleCount += Int64(count)
      preview.batchCount += Int64((count + Matrix.batchSize - 1) / Matrix.batchSize)
    }
    preview.infeasible = InfeasibilityReason.allCases.compactMap { groups[$0] }
    return preview
  }
}

extension InfeasibleGroup {
  /// A group of none yet, with its first member as the example.
  fileprivate init(_ reason: InfeasibilityReason, _ rule: StemFeasibility, _ point: MatrixPoint) {
    self.init(
      reason: reason, explanation: rule.explanation(reason, point.workload), count: 0,
      example: point.configuration)
  }
}
