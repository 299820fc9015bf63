import Synchronization

/// The bounds of a histogram's buckets, and what its whole numbers mean.
package struct HistogramScale: Sendable {
  /// Upper bounds, ascending, in the unit that is recorded.
  let bounds: [UInt64]
  /// How many of the recorded unit are one of the unit that is shown, e.g. 1e9 for nanoseconds
  /// shown as seconds; a division by it is exact to the last digit, which bounds have to be.
  let recordedPerShown: Double

  /// Nanoseconds, shown as seconds, in the buckets that gRPC's metrics name.
  ///
  /// https://github.com/grpc/proposal/blob/master/A66-otel-stats.md
  package static let seconds = HistogramScale(
    bounds: [
      0, 10, 50, 100, 300, 600, 800, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000,
      13_000, 16_000, 20_000, 25_000, 30_000, 40_000, 50_000, 65_000, 80_000, 100_000, 130_000,
      160_000, 200_000, 250_000, 300_000, 400_000, 500_000, 650_000, 800_000, 1_000_000,
      2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000,
    ].map { $0 * 1_000 }, recordedPerShown: 1e9)

  /// Bytes, in the buckets that gRPC's metrics name.
  package static let bytes = HistogramScale(
    bounds: [
      0, 1_024, 2_048, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
      67_108_864, 268_435_456, 1_073_741_824, 4_294_967_296,
    ], recordedPerShown: 1)

  /// The first bucket whose bound is not below a value; `bounds.count` when there is none.
  func bucket(of value: UInt64) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// How often values fell into buckets; it may be used from any thread.
// @unchecked: `cells` is allocated once and holds atomics only.
package final class Histogram: @unchecked Sendable {
  let scale: HistogramScale
  /// One count a bucket, one more for what is above all bounds, then the sum.
  private let cells: UnsafeMutablePointer<Atomic<UInt64>>
  private let bucketCount: Int

  init(_ scale: HistogramScale) {
    self.scale = scale
    bucketCount = scale.bounds.count + 1
    cells = .allocate(capacity: bucketCount + 1)
    for index in 0...bucketCount { (cells + index).initialize(to: Atomic(0)) }
  }

  deinit {
    cells.deinitialize(count: bucketCount + 1)
    cells.deallocate()
  }

  /// Counts a value in the recorded unit.
  package func record(_ value: UInt64) {
    cells[scale.bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
    cells[bucketCount].wrappingAdd(value, ordering: .relaxed)
  }

  /// How many values were counted.
  package var count: UInt64 { counts.reduce(0, +) }

  /// The sum of the values, in the recorded unit.
  package var sum: UInt64 { cells[bucketCount].load(ordering: .relaxed) }

  /// Counts by bucket, not cumulative, the last above all bounds.
  var counts: [UInt64] { (0..<bucketCount).map { cells[$0].load(ordering: .relaxed) } }
}
