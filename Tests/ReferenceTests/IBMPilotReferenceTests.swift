import BenchmarkDomain
import Economics
import Foundation
import Importers
import Testing

/// The pilot's own summary, by file and column, as it is printed.
private struct PilotSummary {
  private let columns: [Substring: Int]
  private let rows: [Substring]

  init() throws {
    let data = try ReferenceFolder.data("results/ibm_llm_pilot/summary_526_configs.csv")
    rows = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
    let names = try #require(rows.first).split(separator: ",")
    columns = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
  }

  func text(_ file: String, _ column: String) throws -> Substring {
    let row = try #require(rows.first { $0.hasPrefix(file) })
    let fields = row.split(separator: ",", omittingEmptySubsequences: false)
    return fields[try #require(columns[Substring(column)])]
  }

  func number(_ file: String, _ column: String) throws -> Double {
    try #require(Double(text(file, column)))
  }

  /// Whether a value rounds to what is printed, digit for digit.
  func agrees(_ value: Double, _ file: String, _ column: String) throws -> Bool {
    let text = try text(file, column)
    let digits = text.split(separator: ".").dropFirst().first?.count ?? 0
    let printed = try #require(Double(text))
    let half = 0.5 * pow(10, -Double(digits))
    return abs(value - printed) <= half * (1 + 1e-9) + 1e-9 * abs(printed)
  }
}

@Suite("The IBM pilot's raw requests", .enabled(if: ReferenceFolder.isSet))
struct IBMPilotReferenceTests {
  private static let experiments = [
    "llama-7b_gpu1_a100_u16", "llama-7b_gpu1_h100_u1", "llama-7b_gpu1_h100_u128",
    "llama-7b_gpu2_t4_u8",
  ]

  private func importOne(_ experiment: String) throws -> ConfigurationResult {
    let report = try importReference("results/ibm_llm_pilot/raw_results_\(experiment).csv.gz")
    #expect(report.format == "ibm-pilot")
    #expect(report.skipped.isEmpty)
    #expect(report.bundle.results.count == 1)
    return try #require(report.bundle.results.first)
  }

  @Test("our own code gives the summary's latencies", arguments: experiments)
  func latencies(_ experiment: String) throws {
    let summary = try PilotSummary()
    let file = "results_\(experiment).csv"
    let result = try importOne(experiment).result
    for (metric, statistic, column) in [
      (Metric.ttft, Statistic.mean, "ttft_ms_mean"), (.ttft, .p50, "ttft_ms_p50"),
      (.ttft, .p95, "ttft_ms_p95"), (.ttft, .p99, "ttft_ms_p99"),
      (.tpot, .mean, "tpot_ms_mean"), (.tpot, .p50, "tpot_ms_p50"),
      (.tpot, .p95, "tpot_ms_p95"), (.tpot, .p99, "tpot_ms_p99"),
      (.itl, .p50, "itl_ms_p50"), (.itl, .p99, "itl_ms_p99"),
      (.e2e, .p50, "e2e_ms_p50"), (.e2e, .p95, "e2e_ms_p95"), (.e2e, .p99, "e2e_ms_p99"),
    ] {
      let figure = try #require(result.measurement(metric, statistic))
      let printed = try summary.text(file, column)
      let milliseconds = figure.value * 1_000
      #expect(
        try summary.agrees(milliseconds, file, column), "\(column): \(milliseconds) for \(printed)")
    }
  }

  @Test("our own code gives the summary's throughputs and counts", arguments: experiments)
  func throughputs(_ experiment: String) throws {
    let summary = try PilotSummary()
    let file = "results_\(experiment).csv"
    let item = try importOne(experiment)
    func total(_ metric: Metric) throws -> Double {
      try #require(item.result.measurement(metric, .total)).value
    }
    let output = try total(.outputThroughput)
    #expect(try summary.agrees(output, file, "output_tok_s"))
    #expect(try summary.agrees(try total(.totalThroughput) - output, file, "input_tok_s"))
    #expect(try summary.agrees(try total(.requestThroughput), file, "req_s"))
    let requests = try summary.number(file, "requests")
    let errors = try summary.number(file, "errors")
    #expect(Double(item.result.requestCount) == requests)
    #expect(Double(item.result.errorCount) == errors)
    #expect(try total(.errorRate) == errors / requests)
    // The summary's own cost follows from its price and our throughput.
    let cost = try #require(
      TokenCost.usdPerMillion(
        usdPerHour: try summary.number(file, "price_usd_hr"), outputTokensPerSecond: output))
    #expect(try summary.agrees(cost, file, "usd_per_m_output_tok"))
    let inputMean = try summary.number(file, "isl_mean")
    let outputMean = try summary.number(file, "osl_mean")
    #expect(Double(item.configuration.workload.inputTokens) == inputMean.rounded())
    #expect(Double(item.configuration.workload.outputTokens) == outputMean.rounded())
  }

  @Test("hardware, users and provenance stand beside the figures")
  func identity() throws {
    let items = try Self.experiments.map(importOne)
    #expect(
      items.map(\.configuration.hardwareID) == [
        "a100-40gb-x1", "h100-80gb-x1", "h100-80gb-x1", "t4-x2",
      ])
    #expect(items.map(\.configuration.workload.concurrency) == [16, 1, 128, 8])
    #expect(items.allSatisfy { $0.result.provenance.kind == .imported })
    #expect(items[2].result.errorCount == 234)
    // 2023-10-12, by the first request's wall clock.
    #expect(items[1].result.measuredAt == WallTime(nanoseconds: 1_697_097_036_060_000_000))
  }
}
