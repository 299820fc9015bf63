import Telemetry
import Testing

@Suite("Metrics")
struct MetricTests {
  @Test("counters and gauges are shown with their help, type and labels")
  func counters() {
    let registry = MetricRegistry()
    let calls = registry.counters("calls_total", help: "Calls\nso far.", labels: ["method"])
    calls.child(["/b"]).add()
    calls.child(["/a\"\\\n"]).add(3)
    #expect(calls.child(["/b"]) === calls.child(["/b"]))
    let open = registry.gauges("open", help: "Open now.")
    open.child().add(5)
    open.child().add(-7)
    registry.observed("loops", help: "Loops.", labels: ["kind"]) {
      [.init(0.5, labels: ["x"]), .init(.infinity, labels: ["y"])]
    }
    #expect(
      registry.prometheusText() == """
        # HELP calls_total Calls\\nso far.
        # TYPE calls_total counter
        calls_total{method="/a\\"\\\\\\n"} 3
        calls_total{method="/b"} 1
        # HELP open Open now.
        # TYPE open gauge
        open -2
        # HELP loops Loops.
        # TYPE loops gauge
        loops{kind="x"} 0.5
        loops{kind="y"} +Inf

        """)
  }

  @Test("a histogram counts values up to and including each bound")
  func histogram() {
    let registry = MetricRegistry()
    let sizes = registry.histograms("size_bytes", help: "Sizes.", scale: .bytes, labels: ["m"])
    let child = sizes.child(["x"])
    for value: UInt64 in [0, 1, 1_024, 1_025, 5_000_000_000] { child.record(value) }
    #expect(child.count == 5)
    #expect(child.sum == 5_000_002_050)
    let lines = registry.prometheusText().split(separator: "\n")
    #expect(lines.contains("size_bytes_bucket{m=\"x\",le=\"0\"} 1"))
    #expect(lines.contains("size_bytes_bucket{m=\"x\",le=\"1024\"} 3"))
    #expect(lines.contains("size_bytes_bucket{m=\"x\",le=\"2048\"} 4"))
    #expect(lines.contains("size_bytes_bucket{m=\"x\",le=\"4294967296\"} 4"))
    #expect(lines.contains("size_bytes_bucket{m=\"x\",le=\"+Inf\"} 5"))
    #expect(lines.contains("size_bytes_count{m=\"x\"} 5"))
  }

  @Test("durations are recorded in nanoseconds and shown in seconds")
  func seconds() {
    let registry = MetricRegistry()
    let child = registry.histograms("time_seconds", help: "Time.", scale: .seconds).child()
    child.record(250_000_000)
    let lines = registry.prometheusText().split(separator: "\n")
    #expect(lines.contains("time_seconds_bucket{le=\"0.2\"} 0"))
    #expect(lines.contains("time_seconds_bucket{le=\"0.25\"} 1"))
    // As it is asked for in a query: 300 x 1e-6 would be 0.00030000000000000003.
    #expect(lines.contains("time_seconds_bucket{le=\"0.0003\"} 0"))
    #expect(lines.contains("time_seconds_sum 0.25"))
  }

  @Test("threads that count at once lose nothing")
  func threads() async {
    let registry = MetricRegistry()
    let counter = registry.counters("n_total", help: "N.").child()
    let histogram = registry.histograms("h", help: "H.", scale: .bytes).child()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for value in 0..<10_000 {
            counter.add()
            histogram.record(UInt64(value))
          }
        }
      }
    }
    #expect(counter.value == 80_000)
    #expect(histogram.count == 80_000)
  }
}
