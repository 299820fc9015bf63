/// Lines of Prometheus's text format.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
enum PrometheusText {
  /// What precedes the lines of a metric.
  static func head(_ family: MetricFamily<some Sendable>, type: String, _ text: inout String) {
    text += "# HELP \(family.name) \(MetricName.escapedHelp(family.help))\n"
    text += "# TYPE \(family.name) \(type)\n"
  }

  static func line(
    _ name: String, _ labels: [String], _ values: [String], _ value: String, _ text: inout String
  ) {
    text += "\(name)\(MetricName.labels(labels, values)) \(value)\n"
  }

  /// The buckets, cumulative, then sum and count.
  static func histogram(
    _ family: MetricFamily<Histogram>, _ values: [String], _ histogram: Histogram,
    _ text: inout String
  ) {
    let (name, scale) = (family.name, histogram.scale)
    let bounds =
      scale.bounds.map { number(Double($0) / scale.recordedPerShown) } + ["+Inf"]
    var total: UInt64 = 0
    for (bound, count) in zip(bounds, histogram.counts) {
      total += count
      line(name + "_bucket", family.labels + ["le"], values + [bound], String(total), &text)
    }
    let sum = number(Double(histogram.sum) / scale.recordedPerShown)
    line(name + "_sum", family.labels, values, sum, &text)
    line(name + "_count", family.labels, values, String(total), &text)
  }

  /// A number as Prometheus writes it.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }
}
