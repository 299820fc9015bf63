package import BenchmarkDomain

/// What a caller asks a run to be.
package struct RunRequest: Sendable, Hashable {
  /// Name for people; the matrix's when empty.
  package var name: String
  /// What to measure.
  package var matrix: Matrix
  /// Requests measured for each configuration; 0 for 100.
  package var requestsPerConfiguration: Int32
  /// Requests sent before the measured ones; 0 for as many as the concurrency.
  package var warmupRequests: Int32
  /// Seed of the prompts; 0 for one that the server chooses.
  package var seed: UInt64
  /// Id that the caller gave; empty for none.
  package var requestID: String

  /// Makes a request.
  package init(
    name: String, matrix: Matrix, requestsPerConfiguration: Int32, warmupRequests: Int32,
    seed: UInt64, requestID: String
  ) {
    self.name = name
    self.matrix = matrix
    self.requestsPerConfiguration = requestsPerConfiguration
    self.warmupRequests = warmupRequests
    self.seed = seed
    self.requestID = requestID
  }
}

extension RunRequest {
  /// The run's name: the matrix's when none is given.
  var runName: String { name.isEmpty ? matrix.name : name }

  /// Requests measured for each configuration, 100 when not given.
  var requestCount: Int32 { requestsPerConfiguration == 0 ? 100 : requestsPerConfiguration }

  /// Digest of what is asked for, the caller's id aside; a default is the same as its value.
  var digest: String {
    var hash = ContentHash()
    hash.add(runName)
    hash.add([requestCount, warmupRequests])
    hash.add(seed)
    hash.add(matrix)
    return hash.id(prefix: "r1-")
  }
}

extension ContentHash {
  fileprivate mutating func add(_ matrix: Matrix) {
    add(matrix.name)
    add(matrix.modelIDs)
    add(matrix.hardwareIDs)
    add(matrix.engineIDs)
    add(matrix.quantizationIDs)
    add(UInt64(matrix.workloads.count))
    for pattern in matrix.workloads {
      add(pattern.name)
      add(pattern.inputTokens)
      add(pattern.outputTokens)
      add(pattern.concurrency)
      add(pattern.maxBatch)
    }
    for rules in [matrix.exclude, matrix.include] {
      add(UInt64(rules.count))
      for rule in rules { add(rule) }
    }
  }

  private mutating func add(_ rule: MatrixRule) {
    add(rule.modelIDs)
    add(rule.hardwareIDs)
    add(rule.engineIDs)
    add(rule.quantizationIDs)
    add(rule.inputTokens)
    add(rule.outputTokens)
    add(rule.concurrency)
    add(rule.maxBatch)
  }

  private mutating func add(_ texts: [String]) {
    add(UInt64(texts.count))
    for text in texts { add(text) }
  }

  fileprivate mutating func add(_ numbers: [Int32]) {
    add(UInt64(numbers.count))
    for number in numbers { add(UInt64(bitPattern: Int64(number))) }
  }
}
