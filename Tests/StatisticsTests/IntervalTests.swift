import Testing

@testable import Statistics

@Suite("Intervals")
struct IntervalTests {
  /// 1...n, so that a value is its own rank.
  private func ranks(_ count: Int) throws -> SortedSample {
    try SortedSample((1...count).map(Double.init))
  }

  @Test(
    "a quantile's interval lies between the right order statistics",
    arguments: [
      // n, fraction, ranks by scipy.stats.binom
      (6, 0.5, 1, 6), (16, 0.5, 4, 13), (72, 0.9, 59, 70), (72, 0.95, 64, 72), (100, 0.5, 40, 61),
      (100, 0.95, 90, 100), (368, 0.99, 360, 368), (1000, 0.95, 936, 964), (1000, 0.99, 983, 997),
    ])
  func quantileIntervals(count: Int, fraction: Double, lower: Int, upper: Int) throws {
    let interval = try #require(try ranks(count).quantileInterval(fraction))
    #expect(interval == Interval(lower: Double(lower), upper: Double(upper), confidence: 0.95))
  }

  @Test(
    "a sample that is too small has no quantile interval",
    arguments: [
      (5, 0.5), (16, 0.9), (16, 0.95), (367, 0.99),
    ])
  func noInterval(count: Int, fraction: Double) throws {
    #expect(try ranks(count).quantileInterval(fraction) == nil)
  }

  @Test(
    "a percentile is certified from 64, 130 and 662 values",
    arguments: [
      (64, 0.9, 63), (130, 0.95, 129), (662, 0.99, 661), (1000, 0.9, 922), (1000, 0.95, 966),
      (1000, 0.99, 998),
    ])
  func certified(count: Int, fraction: Double, rank: Int) throws {
    #expect(try ranks(count).certifiedQuantile(fraction) == Double(rank))
  }

  @Test(
    "below those counts it is absent", arguments: [(63, 0.9), (129, 0.95), (661, 0.99), (1, 0.5)])
  func uncertified(count: Int, fraction: Double) throws {
    #expect(try ranks(count).certifiedQuantile(fraction) == nil)
  }

  @Test(
    "Student's t meets the published quantiles",
    arguments: [
      (1, 12.706204736174694), (2, 4.302652729749462), (5, 2.5705818356363146),
      (15, 2.131449545559776), (30, 2.0422724563012378), (1000, 1.9623390808264083),
      (1_000_000_000, 1.959963984540054),
    ])
  func student(degrees: Int, expected: Double) {
    #expect(abs(StudentT.quantile(0.975, degrees: degrees) / expected - 1) < 1e-10)
  }

  @Test(
    "the normal quantile meets the published values",
    arguments: [
      (0.975, 1.959963984540054), (0.995, 2.5758293035489004), (0.6, 0.2533471031357997),
      (1e-4, -3.7190164854556804), (0.01, -2.3263478740408408),
    ])
  func normal(probability: Double, expected: Double) {
    #expect(abs(Normal.quantile(probability) / expected - 1) < 1e-12)
  }

  @Test("binomial quantiles hold for a million trials")
  func binomial() {
    let binomial = Binomial(count: 1_000_000, probability: 0.99)
    #expect(binomial.quantile(0.025) == 989_805)
    #expect(binomial.quantile(0.975) == 990_195)
    #expect(abs(binomial.atMost(990_231) - 0.9902018198969345) < 1e-9)
    #expect(binomial.atMost(-1) == 0)
    #expect(binomial.atMost(1_000_000) == 1)
  }

  @Test(
    "Wilson's interval agrees with scipy",
    arguments: [
      (0, 10, 0.0, 0.27753279986288926), (10, 10, 0.7224672001371109, 1.0),
      (3, 16, 0.06591599071428142, 0.4300888096197414),
      (81, 263, 0.2552885198782742, 0.36620957698280004),
    ])
  func wilson(successes: Int, total: Int, lower: Double, upper: Double) throws {
    let interval = try Proportion(successes: successes, total: total).wilsonInterval()
    #expect(abs(interval.lower - lower) < 1e-12)
    #expect(abs(interval.upper - upper) < 1e-12)
  }

  @Test("impossible proportions are refused", arguments: [(0, 0), (-1, 3), (4, 3)])
  func impossible(successes: Int, total: Int) {
    #expect(throws: StatisticsError.self) { try Proportion(successes: successes, total: total) }
  }

  @Test("a summary carries interval and certified value where the sample allows")
  func summary() throws {
    let summary = Summary(try ranks(130))
    #expect(summary.count == 130)
    #expect(summary.mean == 65.5)
    #expect(summary.p95.value == 123.55)
    #expect(summary.p95.certified == 129)
    #expect(summary.p95.interval != nil)
    #expect(summary.p99.certified == nil)
    #expect(summary.p99.interval == nil)
  }
}
