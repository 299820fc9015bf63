import Synchronization

/// The metrics of a process, and their text; it may be used from any thread.
package final class MetricRegistry: Sendable {
  /// One observed number with the values of its labels.
  package struct Reading: Sendable {
    let labels: [String]
    let value: Double

    /// Makes a reading.
    package init(_ value: Double, labels: [String] = []) {
      (self.value, self.labels) = (value, labels)
    }
  }

  private struct Entry: Sendable {
    let name: String
    let write: @Sendable (inout String) -> Void
  }

  private let entries = Mutex<[Entry]>([])

  /// Makes an empty registry.
  package init() {}

  private func add(_ name: String, _ write: @escaping @Sendable (inout String) -> Void) {
    entries.withLock { entries in
      precondition(!entries.contains { $0.name == name }, "the metric \(name) exists already")
      entries.append(Entry(name: name, write: write))
    }
  }

  /// Makes counters; by convention the name ends in `_total`. A name is used once.
  package func counters(
    _ name: String, help: String, labels: [String] = []
  ) -> MetricFamily<Counter> {
    let family = MetricFamily(name: name, help: help, labels: labels) { Counter() }
    add(name) { text in
      PrometheusText.head(family, type: "counter", &text)
      for (values, counter) in family.sorted {
        PrometheusText.line(name, family.labels, values, String(counter.value), &text)
      }
    }
    return family
  }

  /// Makes gauges. A name is used once.
  package func gauges(
    _ name: String, help: String, labels: [String] = []
  ) -> MetricFamily<Gauge> {
    let family = MetricFamily(name: name, help: help, labels: labels) { Gauge() }
    add(name) { text in
      PrometheusText.head(family, type: "gauge", &text)
      for (values, gauge) in family.sorted {
        PrometheusText.line(name, family.labels, values, String(gauge.value), &text)
      }
    }
    return family
  }

  /// Makes a gauge whose readings are taken when the text is. A name is used once.
  package func observed(
    _ name: String, help: String, labels: [String] = [],
    _ read: @escaping @Sendable () -> [Reading]
  ) {
    observe(name, "gauge", help, labels, read)
  }

  /// Makes a counter whose readings are taken when the text is. A name is used once.
  package func observedCounter(
    _ name: String, help: String, labels: [String] = [],
    _ read: @escaping @Sendable () -> [Reading]
  ) {
    observe(name, "counter", help, labels, read)
  }

  private func observe(
    _ name: String, _ type: String, _ help: String, _ labels: [String],
    _ read: @escaping @Sendable () -> [Reading]
  ) {
    let family = MetricFamily(name: name, help: help, labels: labels) { 0 }
    add(name) { text in
      PrometheusText.head(family, type: type, &text)
      for reading in read() {
        PrometheusText.line(
          name, family.labels, reading.labels, PrometheusText.number(reading.value), &text)
      }
    }
  }

  /// Makes histograms. A name is used once.
  package func histograms(
    _ name: String, help: String, scale: HistogramScale, labels: [String] = []
  ) -> MetricFamily<Histogram> {
    let family = MetricFamily(name: name, help: help, labels: labels) { Histogram(scale) }
    add(name) { text in
      PrometheusText.head(family, type: "histogram", &text)
      for (values, histogram) in family.sorted {
        PrometheusText.histogram(family, values, histogram, &text)
      }
    }
    return family
  }

  /// Everything in Prometheus's text format 0.0.4, in the order of registration.
  package func prometheusText() -> String {
    var text = ""
    for entry in entries.withLock({ $0 }) { entry.write(&text) }
    return text
  }
}
