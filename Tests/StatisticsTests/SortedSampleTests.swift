import Statistics
import Testing

@Suite("Order statistics and percentiles")
struct SortedSampleTests {
  private let values = [3.1, -2, 7.5, 0.25, 11, 4.75, 4.75]

  @Test("quantiles interpolate linearly, as numpy does by default")
  func quantiles() throws {
    let sample = try SortedSample(values)
    // numpy.percentile(x, [0, 10, 25, 50, 90, 95, 99, 100])
    let expected: [(Double, Double)] = [
      (0, -2), (0.1, -0.65), (0.25, 1.675), (0.5, 4.75), (0.9, 8.9), (0.95, 9.95), (0.99, 10.79),
      (1, 11),
    ]
    for (fraction, value) in expected {
      #expect(abs(sample.quantile(fraction) - value) < 1e-12)
    }
    #expect(sample.median == 4.75)
  }

  @Test("mean, deviation and Student's interval agree with numpy and scipy")
  func moments() throws {
    let sample = try SortedSample(values)
    #expect(abs(sample.mean - 4.192857142857143) < 1e-12)
    #expect(abs(try #require(sample.standardDeviation) - 4.339491960609038) < 1e-12)
    let interval = try #require(sample.meanInterval())
    #expect(abs(interval.lower - 0.17949645322753938) < 1e-9)
    #expect(abs(interval.upper - 8.206217832486747) < 1e-9)
  }

  @Test("order statistics count from one and end with the sample")
  func orderStatistics() throws {
    let sample = try SortedSample(values)
    #expect(sample.orderStatistic(1) == -2)
    #expect(sample.orderStatistic(7) == 11)
    #expect(sample.orderStatistic(0) == nil)
    #expect(sample.orderStatistic(8) == nil)
  }

  @Test("a single value has no deviation and no interval")
  func single() throws {
    let sample = try SortedSample([5])
    #expect(sample.quantile(0.99) == 5)
    #expect(sample.standardDeviation == nil)
    #expect(sample.meanInterval() == nil)
    #expect(sample.quantileInterval(0.5) == nil)
  }

  @Test("equal values keep every quantile exact")
  func constant() throws {
    let sample = try SortedSample(Array(repeating: 0.1, count: 1000))
    #expect(sample.quantile(0.333) == 0.1)
    #expect(sample.standardDeviation.map { $0 < 1e-15 } == true)
  }

  @Test(
    "NaN, infinities, nothing and overflow are refused",
    arguments: [
      ([1, .nan], StatisticsError.Code.notFinite), ([.infinity], .notFinite),
      ([-.infinity, 1], .notFinite), ([], .empty),
      ([1.7e308, 1.7e308], .outOfRange), ([1e200, -1e200], .outOfRange),
    ])
  func refused(values: [Double], code: StatisticsError.Code) {
    #expect { try Summary(of: values) } throws: { ($0 as? StatisticsError)?.code == code }
  }
}
