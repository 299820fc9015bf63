import APIBindings
import Testing

@testable import CLICommands

@Suite("Limits, weights and ranges as they are typed") struct FigureArgumentTests {
  private func fault(_ body: () throws -> Void) throws -> String {
    try #require(throws: ArgumentFault.self, performing: body).description
  }

  @Test(
    "times have a unit",
    arguments: [("500ms", 0.5), ("0.5s", 0.5), ("2s", 2), ("250us", 0.00025), ("0s", 0)])
  func times(text: String, seconds: Double) throws {
    #expect(abs(try Seconds(parsing: text).value - seconds) < 1e-12)
  }

  @Test("what is no time is refused", arguments: ["nan", "inf", "-1s", "5 min", "ms", ""])
  func noTimes(text: String) throws {
    #expect(try fault { _ = try Seconds(parsing: text) }.contains("500ms"))
  }

  @Test("a time without its unit is refused with what may be meant")
  func noUnit() throws {
    for body in [
      { _ = try Seconds(parsing: "500") }, { _ = try Limit(parsing: "ttft<=500") },
    ] as [() throws -> Void] {
      #expect(try fault(body) == "a time needs its unit: 500ms or 500s")
    }
  }

  @Test("an error rate above 1 is refused with what may be meant")
  func percentage() throws {
    #expect(try Ratio(parsing: "1").value == 1)
    for body in [
      { _ = try Ratio(parsing: "2") }, { _ = try Limit(parsing: "error_rate<=2") },
    ] as [() throws -> Void] {
      #expect(try fault(body) == "a ratio lies between 0 and 1; write 0.020 for 2%")
    }
  }

  @Test("a limit reads its value as its metric is measured")
  func limits() throws {
    let time = try Limit(parsing: "ttft-p95<=500ms").objective
    #expect(time == Objective(metric: .ttft, statistic: .p95, bound: .atMost(0.5)))
    let rate = try Limit(parsing: "output-throughput>=100").objective
    #expect(rate == Objective(metric: .outputThroughput, bound: .atLeast(100)))
    let errors = try Limit(parsing: "error_rate<=0.01").objective
    #expect(errors == Objective(metric: .errorRate, bound: .atMost(0.01)))
  }

  @Test(
    "a unit of time is refused where nothing is timed",
    arguments: [
      "output_throughput>=500ms", "error_rate<=1s", "cost_per_million_output_tokens<=2s",
    ])
  func unitOfTime(text: String) throws {
    let sentence = try fault { _ = try Limit(parsing: text) }
    #expect(sentence.contains("takes a number without a unit"))
  }

  @Test("unknown names are answered with the known ones")
  func unknownNames() throws {
    for body in [
      { _ = try Limit(parsing: "tftt<=1") }, { _ = try Weight(parsing: "speed=1") },
      { _ = try Weight(parsing: "speed-p95=1") },
    ] as [() throws -> Void] {
      let sentence = try fault(body)
      #expect(sentence.contains("there is no metric"))
      #expect(sentence.contains("ttft, tpot, itl, e2e"))
    }
    let statistic = try fault { _ = try Limit(parsing: "ttft-p42<=1") }
    #expect(statistic.contains("there is no statistic 'p42'"))
    #expect(statistic.contains("mean, p50, p90, p95, p99"))
  }

  @Test("weights are numbers of 0 or more", arguments: ["ttft=nan", "ttft=-1", "ttft=", "ttft"])
  func weights(text: String) throws {
    _ = try fault { _ = try Weight(parsing: text) }
    #expect(try Weight(parsing: "tpot-p99=2").criterion.weight == 2)
  }

  @Test(
    "parameters are counted in full or with a unit",
    arguments: [("8030261248", 8_030_261_248), ("8.03B", 8_030_000_000), ("135m", 135_000_000)])
  func parameters(text: String, count: Int64) throws {
    #expect(try ParameterCount(parsing: text).value == count)
    for wrong in ["", "B", "8.03", "-1B", "nanB", "1e30T", "8 B"] {
      #expect(try fault { _ = try ParameterCount(parsing: wrong) }.contains("8.03B"), "\(wrong)")
    }
  }

  @Test("ranges of counts")
  func ranges() throws {
    let whole = try CountRange(parsing: "8-64")
    #expect(whole.low == 8 && whole.high == 64)
    #expect(try CountRange(parsing: "8").high == 8)
    #expect(try CountRange(parsing: "8-").high == 0)
    #expect(try fault { _ = try CountRange(parsing: "0") } == "a count is 1 or more")
    for text in ["64-8", "-8", "a", "1-2-3", ""] {
      #expect(try fault { _ = try CountRange(parsing: text) }.contains("8-64"))
    }
  }
}
