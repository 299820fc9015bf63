/// The workloads of one pattern; values without repetition.
struct WorkloadProduct: Sendable {
  private let inputTokens: UniqueValues<Int32>
  private let outputTokens: UniqueValues<Int32>
  private let concurrency: UniqueValues<Int32>
  private let maxBatch: UniqueValues<Int32>
  /// Workloads in it; 0 when the number does not fit.
  let count: Int
  /// False when the number of workloads does not fit.
  let isCountable: Bool

  /// Takes a pattern's values, or the rule's where it names some.
  init(_ pattern: WorkloadPattern, _ rule: MatrixRule) {
    func choose(_ ours: [Int32], _ own: [Int32]) -> UniqueValues<Int32> {
      UniqueValues(ours.isEmpty ? own : ours)
    }
    inputTokens = choose(rule.inputTokens, pattern.inputTokens)
    outputTokens = choose(rule.outputTokens, pattern.outputTokens)
    concurrency = choose(rule.concurrency, pattern.concurrency)
    maxBatch = choose(rule.maxBatch, pattern.maxBatch.isEmpty ? [0] : pattern.maxBatch)
    let product = checkedProduct([
      inputTokens.list.count, outputTokens.list.count, concurrency.list.count,
      maxBatch.list.count,
    ])
    count = product ?? 0
    isCountable = product != nil
  }

  /// The workload at a place; the batch turns fastest.
  subscript(index: Int) -> Workload {
    let (rest, batch) = index.quotientAndRemainder(dividingBy: maxBatch.list.count)
    let (upper, users) = rest.quotientAndRemainder(dividingBy: concurrency.list.count)
    let (input, output) = upper.quotientAndRemainder(dividingBy: outputTokens.list.count)
    return Workload(
      inputTokens: inputTokens.list[input], outputTokens: outputTokens.list[output],
      concurrency: concurrency.list[users], maxBatch: maxBatch.list[batch])
  }

  func contains(_ workload: Workload) -> Bool {
    concurrency.contains(workload.concurrency) && inputTokens.contains(workload.inputTokens)
      && outputTokens.contains(workload.outputTokens) && maxBatch.contains(workload.maxBatch)
  }
}

/// One product of dimensions: the matrix's own, or an include rule's.
struct MatrixProduct: Sendable {
  private let models: UniqueValues<String>
  private let hardware: UniqueValues<String>
  private let engines: UniqueValues<String>
  private let quantizations: UniqueValues<String>
  /// One for each pattern.
  let workloads: [WorkloadProduct]

  /// Takes the matrix's values, or the rule's where it names some.
  init(_ matrix: Matrix, _ rule: MatrixRule) {
    func choose(_ ours: [String], _ own: [String]) -> UniqueValues<String> {
      UniqueValues(ours.isEmpty ? own : ours)
    }
    models = choose(rule.modelIDs, matrix.modelIDs)
    hardware = choose(rule.hardwareIDs, matrix.hardwareIDs)
    engines = choose(rule.engineIDs, matrix.engineIDs)
    quantizations = choose(rule.quantizationIDs, matrix.quantizationIDs)
    workloads = matrix.workloads.map { WorkloadProduct($0, rule) }
  }

  /// Combinations in it, repetitions between patterns included; nil when the number does not fit.
  var count: Int? {
    var sum = 0
    for pattern in workloads {
      guard pattern.isCountable else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(pattern.count)
      if overflow { return nil }
      sum = next
    }
    return checkedProduct([
      models.list.count, hardware.list.count, engines.list.count, quantizations.list.count, sum,
    ])
  }

  /// Combinations of everything but the workload; call only where `count` is known.
  var stemCount: Int {
    models.list.count * hardware.list.count * engines.list.count * quantizations.list.count
  }

  /// The stem at a place; the quantization turns fastest.
  func stem(_ index: Int) -> MatrixStem {
    let (rest, quantization) = index.quotientAndRemainder(dividingBy: quantizations.list.count)
    let (upper, engine) = rest.quotientAndRemainder(dividingBy: engines.list.count)
    let (model, place) = upper.quotientAndRemainder(dividingBy: hardware.list.count)
    return MatrixStem(
      modelID: models.list[model], hardwareID: hardware.list[place],
      engineID: engines.list[engine], quantizationID: quantizations.list[quantization])
  }

  func contains(_ stem: MatrixStem) -> Bool {
    models.contains(stem.modelID) && hardware.contains(stem.hardwareID)
      && engines.contains(stem.engineID) && quantizations.contains(stem.quantizationID)
  }
}

/// An exclude rule, ready to be asked often; an empty list matches every value.
struct PreparedRule: Sendable {
  private let models: UniqueValues<String>
  private let hardware: UniqueValues<String>
  private let engines: UniqueValues<String>
  private let quantizations: UniqueValues<String>
  private let inputTokens: UniqueValues<Int32>
  private let outputTokens: UniqueValues<Int32>
  private let concurrency: UniqueValues<Int32>
  private let maxBatch: UniqueValues<Int32>

  init(_ rule: MatrixRule) {
    models = UniqueValues(rule.modelIDs)
    hardware = UniqueValues(rule.hardwareIDs)
    engines = UniqueValues(rule.engineIDs)
    quantizations = UniqueValues(rule.quantizationIDs)
    inputTokens = UniqueValues(rule.inputTokens)
    outputTokens = UniqueValues(rule.outputTokens)
    concurrency = UniqueValues(rule.concurrency)
    maxBatch = UniqueValues(rule.maxBatch)
  }

  /// True when the rule says nothing of the workload.
  var matchesEveryWorkload: Bool {
    inputTokens.list.isEmpty && outputTokens.list.isEmpty && concurrency.list.isEmpty
      && maxBatch.list.isEmpty
  }

  func matches(_ stem: MatrixStem) -> Bool {
    models.allows(stem.modelID) && hardware.allows(stem.hardwareID)
      && engines.allows(stem.engineID) && quantizations.allows(stem.quantizationID)
  }

  func matches(_ workload: Workload) -> Bool {
    concurrency.allows(workload.concurrency) && inputTokens.allows(workload.inputTokens)
      && outputTokens.allows(workload.outputTokens) && maxBatch.allows(workload.maxBatch)
  }
}

/// Values in their order without repetition, quick to look up.
struct UniqueValues<Value: Hashable & Sendable>: Sendable {
  let list: [Value]
  private let set: Set<Value>

  init(_ values: [Value]) {
    var set: Set<Value> = []
    list = values.filter { set.insert($0).inserted }
    self.set = set
  }

  func contains(_ value: Value) -> Bool {
    list.count <= 4 ? list.contains(value) : set.contains(value)
  }

  /// True when the list names the value, or names none.
  func allows(_ value: Value) -> Bool { list.isEmpty || contains(value) }
}

/// The product, or nil when it does not fit.
private func checkedProduct(_ factors: [Int]) -> Int? {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    product = next
  }
  return product
}
