import BenchmarkDomain
import Importers
import Testing

/// Requests in the pilot's form, by hand.
enum IBMPilotFixture {
  static let header =
    ",Unnamed: 0,smpnum,reqnum,errors,status,model,num_users,requests,latency_ms,records,n_gpus,"
    + "gpu_type,start_timestamp,end_timestamp,experiment_duration_s,n_input_tokens,"
    + "n_output_tokens,latency_ms_per_token,timestamps_per_token"

  static func row(
    start: Int = 1_000_000, gaps: [Int] = [10, 90, 20, 30], endAfter: Int = 0,
    latency: String? = nil, input: String = "100", output: String = "3", users: String = "2",
    gpu: String = "A100", errors: String = "[]", status: String = "200", stamps: [Int]? = nil
  ) -> String {
    var at = start
    let own = gaps.map { gap in
      at += gap
      return at
    }
    let end = at + endAfter
    func list(_ values: [Int]) -> String {
      "\"[" + values.map(String.init).joined(separator: ", ") + "]\""
    }
    return [
      "0", "0", "1", "1", errors, status, "llama-7b", users, "1", latency ?? "\(end - start).0",
      "1", "2", gpu, "\(start)", "\(end)", "10", input, output, list(gaps), list(stamps ?? own),
    ].joined(separator: ",")
  }

  static func file(_ rows: String...) -> String {
    ([header] + rows).joined(separator: "\n") + "\n"
  }
}

@Suite struct IBMPilotTests {
  private typealias Fixture = IBMPilotFixture

  private func value(
    _ result: BenchmarkResult, _ metric: Metric, _ statistic: Statistic
  ) throws -> Double {
    try #require(result.measurement(metric, statistic)).value
  }

  @Test("requests are aggregated by our own code") func aggregates() throws {
    // TTFT 100 and 200 ms; TPOT (150 - 100) / 2 and (305 - 200) / 1; E2E 150 and 305 ms.
    let report = try read(
      Fixture.file(
        Fixture.row(),
        Fixture.row(
          start: 1_000_500, gaps: [20, 180, 100], endAfter: 5, input: "51.0", output: "2")))
    #expect(report.rowCount == 2)
    let item = try #require(report.bundle.results.first)
    #expect(item.configuration.hardwareID == "a100-40gb-x2")
    #expect(item.configuration.engineID == "tgis")
    #expect(
      item.configuration.workload == Workload(inputTokens: 76, outputTokens: 3, concurrency: 2))
    #expect(
      item.configuration.extraDimensions == [Dimension(name: "token_lengths", value: "trace")])
    let result = item.result
    #expect(abs(try value(result, .ttft, .mean) - 0.150) < 1e-12)
    #expect(abs(try value(result, .tpot, .mean) - 0.065) < 1e-12)
    #expect(abs(try value(result, .e2e, .p50) - 0.2275) < 1e-12)
    // Gaps between tokens are 20, 30 and 100 ms.
    #expect(abs(try value(result, .itl, .mean) - 0.05) < 1e-12)
    #expect(try value(result, .outputThroughput, .total) == 0.5)
    #expect(try value(result, .totalThroughput, .total) == 15.6)
    #expect(try value(result, .outputThroughputPerAccelerator, .total) == 0.25)
    #expect(try value(result, .requestThroughput, .total) == 0.2)
    #expect(try value(result, .errorRate, .total) == 0)
    #expect(result.measurement(.ttft, .mean)?.definition == "benchfront/1")
    #expect(result.measurement(.itl, .p99)?.definition == "benchfront/1")
    #expect(result.measurement(.e2e, .mean)?.definition == "ibm-pilot/1")
    #expect(result.measurement(.outputThroughput, .total)?.definition == "ibm-pilot/1")
    #expect(result.provenance.kind == .imported)
    #expect(result.provenance.source == "test.csv")
    #expect(result.measuredAt == WallTime(seconds: 1_000))
  }

  @Test("figures stand in the order of metrics and statistics") func ordered() throws {
    let report = try read(Fixture.file(Fixture.row(), Fixture.row(start: 1_000_500)))
    let figures = try #require(report.bundle.results.first).result.measurements
    let places = figures.map { figure in
      (Metric.allCases.firstIndex(of: figure.metric) ?? 0) * 10
        + (Statistic.allCases.firstIndex(of: figure.statistic) ?? 0)
    }
    #expect(places == places.sorted())
    #expect(Set(places).count == places.count)
  }

  @Test("failed requests are errors and in no latency") func errors() throws {
    let report = try read(
      Fixture.file(
        Fixture.row(),
        Fixture.row(
          gaps: [10, 900], latency: "", input: "", output: "", errors: "\"['out, of memory']\"",
          status: "408")))
    let result = try #require(report.bundle.results.first).result
    #expect(result.requestCount == 2)
    #expect(result.errorCount == 1)
    #expect(try value(result, .errorRate, .total) == 0.5)
    #expect(result.measurement(.ttft, .mean)?.sampleCount == 1)
    #expect(abs(try value(result, .ttft, .p99) - 0.1) < 1e-12)
  }

  @Test("an answer of one token has no TPOT") func oneToken() throws {
    let report = try read(Fixture.file(Fixture.row(gaps: [10, 90], output: "1")))
    let result = try #require(report.bundle.results.first).result
    #expect(result.measurement(.tpot, .mean) == nil)
    #expect(result.measurement(.itl, .mean) == nil)
    #expect(abs(try value(result, .e2e, .mean) - 0.1) < 1e-12)
  }

  @Test("experiments in one file are kept apart") func experiments() throws {
    let report = try read(
      Fixture.file(
        Fixture.row(), Fixture.row(users: "4"), Fixture.row(gpu: "H100"),
        Fixture.row(gpu: "TPUv9"), Fixture.row(users: "8", errors: "boom", status: "500")))
    #expect(report.bundle.results.count == 3)
    #expect(report.bundle.hardware.map(\.id) == ["a100-40gb-x2", "h100-80gb-x2"])
    #expect(
      report.skipped == [
        SkippedRows(reason: "the accelerator \"TPUv9\" is not known", count: 1, firstLine: 5),
        SkippedRows(
          reason: "no request of the experiment succeeded", count: 1, firstLine: 6),
      ])
  }

  @Test("stamps and gaps that disagree refuse the file with its line") func disagreement() throws {
    for (row, column) in [
      (Fixture.row(stamps: [1_000_010, 1_000_100, 1_000_120]), "latency_ms_per_token"),
      (Fixture.row(stamps: [1_000_010, 1_000_100, 1_000_121, 1_000_150]), "latency_ms_per_token"),
      (Fixture.row(stamps: [1_000_010, 1_000_005, 1_000_120, 1_000_150]), "timestamps_per_token"),
      (Fixture.row(stamps: [1_000_010, 1_000_100, 1_000_120, 2_000_150]), "timestamps_per_token"),
      (Fixture.row(gaps: [100], output: "1"), "timestamps_per_token"),
      (Fixture.row(latency: "0.150"), "latency_ms"), (Fixture.row(latency: "NaN"), "latency_ms"),
      (Fixture.row(output: "0"), "n_output_tokens"), (Fixture.row(input: "-1"), "n_input_tokens"),
      (Fixture.row(input: "1.5"), "n_input_tokens"), (Fixture.row(users: "0"), "num_users"),
    ] {
      let error = try refusal(Fixture.file(Fixture.row(), row))
      #expect(error.code == .badValue)
      #expect(error.line == 3)
      #expect(error.message.hasPrefix(column), "\(error)")
    }
  }

  @Test("the same requests make the same result, under any name and in any order") func ids()
    throws
  {
    let rows = [Fixture.row(), Fixture.row(start: 1_000_500), Fixture.row(start: 1_000_700)]
    func result(_ rows: [String], name: String = "a.csv", pieces: Int = 100) throws
      -> BenchmarkResult
    {
      let text = ([Fixture.header] + rows).joined(separator: "\n")
      return try #require(
        try read(text, name: name, pieces: pieces).bundle.results.first
      ).result
    }
    let first = try result(rows)
    #expect(try result(rows, pieces: 1) == first)
    for other in [try result(rows, name: "b.csv"), try result(rows.reversed())] {
      #expect(other.id == first.id && other.isSameMeasurement(as: first))
    }
    #expect(try result(rows.dropLast()).id != first.id)
    #expect(first.provenance.toolVersion == "")
  }

  @Test("a row that repeats another is left out, and counts once in every figure")
  func repeats() throws {
    let rows = [Fixture.row(), Fixture.row(start: 1_000_500)]
    let once = try read(([Fixture.header] + rows).joined(separator: "\n"))
    let twice = try read(([Fixture.header] + rows + rows).joined(separator: "\n"))
    #expect(once.skipped.isEmpty)
    #expect(
      twice.skipped == [
        SkippedRows(reason: "the row repeats another one of the file", count: 2, firstLine: 4)
      ])
    #expect(twice.rowCount == 4)
    #expect(twice.bundle.results == once.bundle.results)
    #expect(twice.bundle.results.first?.result.requestCount == 2)
  }
}
