import BenchmarkDomain

/// The order of a snapshot's rows: by configuration id, then by preference; see `RankingSnapshot`.
enum RowOrder {
  /// What a row is ordered by: small, so that sorting moves little.
  private struct Key {
    var id: ConfigurationID
    var measuredAt: Int64
    var row: Int32
    var kind: UInt8

    init(_ result: ConfigurationResult, row: Int) {
      id = result.configuration.id
      measuredAt = result.result.measuredAt?.nanoseconds ?? .min
      kind = result.result.provenance.kind.bit
      self.row = Int32(row)
    }
  }

  /// Brings results into that order. Where nobody else holds them they are moved, since copying
  /// and dropping one counts every string in it twice.
  static func sort(_ results: inout [ConfigurationResult]) {
    var order = order(of: results)
    results.withUnsafeMutableBufferPointer { results in
      for start in order.indices where order[start] != start {
        // Each place of a cycle takes the next one's result, and the last one that of the first.
        let first = results.moveElement(from: start)
        var place = start
        while order[place] != start {
          let next = Int(order[place])
          results.initializeElement(at: place, to: results.moveElement(from: next))
          order[place] = Int32(place)
          place = next
        }
        results.initializeElement(at: place, to: first)
        order[place] = Int32(place)
      }
    }
  }

  /// The rows in their order.
  private static func order(of results: [ConfigurationResult]) -> [Int32] {
    // Ids are hashes, and so spread evenly: parts with the same first bits have few rows each.
    let bits = max(0, Int.bitWidth - results.count.leadingZeroBitCount - 4)
    let parts = results.indices.map { row in
      UInt32(truncatingIfNeeded: results[row].configuration.id.high >> (64 - UInt64(bits)))
    }
    var starts = [Int](repeating: 0, count: 1 << bits + 1)
    for part in parts { starts[Int(part) + 1] += 1 }
    for part in 1..<starts.count { starts[part] += starts[part - 1] }
    var order = [Int32](repeating: 0, count: results.count)
    var ends = starts
    for row in results.indices {
      let part = Int(parts[row])
      order[ends[part]] = Int32(row)
      ends[part] += 1
    }
    for (start, end) in zip(starts, starts.dropFirst()) where end - start > 1 {
      let sorted = sorted(order[start..<end], results)
      for (place, row) in zip(start..<end, sorted) { order[place] = row }
    }
    return order
  }

  private static func sorted(
    _ rows: ArraySlice<Int32>, _ results: [ConfigurationResult]
  ) -> [Int32] {
    let keys = rows.map { Key(results[Int($0)], row: Int($0)) }
    let sorted = keys.sorted { left, right in
      if left.id != right.id { return left.id < right.id }
      if left.kind != right.kind { return left.kind < right.kind }
      if left.measuredAt != right.measuredAt { return left.measuredAt > right.measuredAt }
      return results[Int(left.row)].result.id < results[Int(right.row)].result.id
    }
    return sorted.map(\.row)
  }
}
