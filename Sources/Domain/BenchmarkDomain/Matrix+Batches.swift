/// Configurations that one agent measures under one lease.
package struct BatchPlan: Sendable, Hashable {
  /// What they have in common.
  package let stem: MatrixStem
  /// At most `Matrix.batchSize` of them.
  package let configurations: [Configuration]
}

extension Matrix {
  /// Most configurations in a batch.
  package static let batchSize = 100

  /// Groups configurations by model, hardware, engine and quantization, so that an agent starts an
  /// engine once for a batch, and cuts each group into batches.
  ///
  /// Groups stand in the order of their first configuration, configurations in their own: the same
  /// matrix makes the same batches everywhere.
  package static func batches(_ configurations: some Sequence<Configuration>) -> [BatchPlan] {
    var order: [MatrixStem] = []
    var groups: [MatrixStem: [Configuration]] = [:]
    for configuration in configurations {
      let stem = MatrixStem(configuration)
      if groups[stem] == nil { order.append(stem) }
      groups[stem, default: []].append(configuration)
    }
    return order.flatMap { stem in cut(groups[stem] ?? [], stem) }
  }

  private static func cut(_ group: [Configuration], _ stem: MatrixStem) -> [BatchPlan] {
    stride(from: 0, to: group.count, by: batchSize).map { start in
      BatchPlan(
        stem: stem, configurations: Array(group[start..<min(start + batchSize, group.count)]))
    }
  }
}
