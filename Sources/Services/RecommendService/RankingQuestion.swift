import BenchmarkDomain
package import Storage

/// What tells two answers apart but for the data.
package enum RankingQuestion: Hashable, Sendable {
  /// What ranks best.
  case ranking(RankingQuery)
  /// What nothing else beats.
  case front(RankingQuery)

  var isFront: Bool {
    if case .front = self { true } else { false }
  }

  var query: RankingQuery {
    switch self {
    case .ranking(let query), .front(let query): query
    }
  }

  /// The key of its answer from data of an epoch, the same on every replica of this version.
  package func key(_ epoch: DataEpoch) -> AnswerKey {
    var bytes = CanonicalBytes()
    bytes.add(RankingAnswer.encoding)
    bytes.add(RankingAnswer.method)
    bytes.add(isFront ? 1 : 0 as UInt64)
    bytes.add(query)
    bytes.add(epoch.high)
    bytes.add(epoch.low)
    return AnswerKey(bytes.bytes)
  }
}

/// Bytes of values, each of a fixed length or behind its length, so that no two lists of values
/// look alike.
private struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
  }

  mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func add(_ value: Double) {
    // There are two zeros, which are equal.
    add(value == 0 ? 0 : value.bitPattern)
  }

  mutating func add(_ texts: [String]) {
    add(UInt64(texts.count))
    for text in texts { add(text) }
  }

  mutating func add(_ key: FigureKey) {
    add(key.metric.rawValue)
    add(key.statistic?.rawValue ?? "")
  }

  mutating func add(_ filter: ConfigurationFilter) {
    for list in [
      filter.modelIDs, filter.hardwareIDs, filter.accelerators, filter.engineIDs,
      filter.quantizationIDs,
    ] { add(list) }
    for bound in [
      filter.minInputTokens, filter.maxInputTokens, filter.minOutputTokens, filter.maxOutputTokens,
      filter.minConcurrency, filter.maxConcurrency,
    ] { add(UInt64(bitPattern: Int64(bound))) }
  }

  mutating func add(_ query: RankingQuery) {
    add(query.filter)
    add(UInt64(query.limits.count))
    for limit in query.limits {
      add(limit.key)
      switch limit.bound {
      case .atMost(let value):
        add(0 as UInt64)
        add(value)
      case .atLeast(let value):
        add(1 as UInt64)
        add(value)
      }
    }
    add(UInt64(query.criteria.count))
    for criterion in query.criteria {
      add(criterion.key)
      add(criterion.weight)
    }
    add(query.priceBasis.rawValue)
    add(query.provenances.map(\.rawValue).sorted())
    add(UInt64(query.count))
  }
}
