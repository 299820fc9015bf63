extension Matrix {
  /// Combinations before exclusions and duplicates, by checked arithmetic and without expanding;
  /// throws `tooLarge` above `maximumCombinations`.
  package func combinationCount() throws(MatrixError) -> Int {
    var sum = 0
    for product in products {
      guard let count = product.count,
        case (let next, let overflow) = sum.addingReportingOverflow(count), !overflow,
        next <= Matrix.maximumCombinations
      else {
        throw MatrixError(
          .tooLarge, field: "matrix",
          "the matrix makes more than 10,000,000 combinations; split it or name fewer values")
      }
      sum = next
    }
    return sum
  }

  /// Every distinct combination, lazily and in a fixed order: model, hardware, engine and
  /// quantization as listed (the last turns fastest), then patterns, input, output, concurrency
  /// and batch; then what each include rule adds. Throws what `validate()` throws.
  package func points() throws(MatrixError) -> MatrixPoints {
    try validate()
    return MatrixPoints(products: products, exclude: exclude.map(PreparedRule.init))
  }

  /// Every distinct configuration, lazily, in the order of `points()`.
  package func configurations() throws(MatrixError) -> LazyMapSequence<
    MatrixPoints, Configuration
  > {
    try points().lazy.map(\.configuration)
  }

  /// Distinct configurations; counted without expanding where no rule and no second pattern can
  /// make the number smaller.
  package func configurationCount() throws(MatrixError) -> Int {
    let points = try points()
    if exclude.isEmpty && include.isEmpty && workloads.count == 1 { return try combinationCount() }
    var count = 0
    for _ in points { count += 1 }
    return count
  }

  /// The matrix's own product, then one for each include rule; values without repetition.
  private var products: [MatrixProduct] {
    [MatrixProduct(self, MatrixRule())] + include.map { MatrixProduct(self, $0) }
  }
}

/// The combinations of a matrix as a sequence that keeps nothing but its place.
package struct MatrixPoints: Sequence, Sendable {
  let products: [MatrixProduct]
  let exclude: [PreparedRule]

  /// Starts from the first combination.
  package func makeIterator() -> Iterator { Iterator(self) }

  /// Walks over stems, and within each over its workloads.
  package struct Iterator: IteratorProtocol {
    /// Most combinations that are looked at between two checkpoints.
    static let checkpointInterval = 1_024

    private let points: MatrixPoints
    private var product = 0
    private var stem = -1
    private var pattern = 0
    private var workload = 0
    private var current: StemContext?
    private var lookedAt = 0

    init(_ points: MatrixPoints) { self.points = points }

    /// The next distinct combination.
    package mutating func next() -> MatrixPoint? { next { () throws(Never) in } }

    /// The next distinct combination. `checkpoint` is called once in a thousand combinations that
    /// were looked at, those among them that rules leave out; what it throws ends the walk.
    package mutating func next<Failure: Error>(
      checkpoint: () throws(Failure) -> Void
    ) throws(Failure) -> MatrixPoint? {
      while true {
        // `??` would hide the error's type.
        let found: StemContext? = if let current { current } else { try nextStem(checkpoint) }
        guard let context = found else { return nil }
        while pattern < context.workloads.count {
          let list = context.workloads[pattern]
          while workload < list.count {
            let candidate = list[workload]
            workload += 1
            try look(checkpoint)
            if context.keeps(candidate, pattern: pattern) {
              return MatrixPoint(stem: context.stem, workload: candidate)
            }
          }
          pattern += 1
          workload = 0
        }
        current = nil
      }
    }

    private mutating func look<Failure: Error>(
      _ checkpoint: () throws(Failure) -> Void
    ) throws(Failure) {
      lookedAt &+= 1
      if lookedAt.isMultiple(of: Self.checkpointInterval) { try checkpoint() }
    }

    private mutating func nextStem<Failure: Error>(
      _ checkpoint: () throws(Failure) -> Void
    ) throws(Failure) -> StemContext? {
      while product < points.products.count {
        try look(checkpoint)
        stem += 1
        pattern = 0
        workload = 0
        if stem < points.products[product].stemCount {
          let context = StemContext(points, product: product, stem: stem)
          guard let context else { continue }
          current = context
          return context
        }
        product += 1
        stem = -1
      }
      return nil
    }
  }
}

/// What decides, for one stem of one product, which workloads are new.
private struct StemContext {
  let stem: MatrixStem
  let workloads: [WorkloadProduct]
  /// Rules that match the stem; the matrix's own product alone.
  private let exclude: [PreparedRule]
  /// Earlier products that hold the stem, with the rules that leave parts of them out.
  private let earlier: [(workloads: [WorkloadProduct], exclude: [PreparedRule])]

  /// Nil when a rule leaves the whole stem out.
  init?(_ points: MatrixPoints, product index: Int, stem stemIndex: Int) {
    let product = points.products[index]
    let stem = product.stem(stemIndex)
    let matching = points.exclude.filter { $0.matches(stem) }
    if index == 0, matching.contains(where: \.matchesEveryWorkload) { return nil }
    self.stem = stem
    workloads = product.workloads
    exclude = index == 0 ? matching : []
    earlier = points.products[..<index].enumerated().compactMap { place, other in
      other.contains(stem) ? (other.workloads, place == 0 ? matching : []) : nil
    }
  }

  func keeps(_ workload: Workload, pattern: Int) -> Bool {
    if exclude.contains(where: { $0.matches(workload) }) { return false }
    for place in 0..<pattern where workloads[place].contains(workload) { return false }
    return !earlier.contains { other in
      other.workloads.contains { $0.contains(workload) }
        && !other.exclude.contains { $0.matches(workload) }
    }
  }
}
