/// A quantity. Latencies are in seconds, ratios between 0 and 1; DESIGN: "Metrics".
package enum Metric: String, Sendable, Hashable, CaseIterable {
  /// Time to first token in seconds: first chunk with content less the time it was sent.
  case ttft
  /// Time per output token in seconds: (E2E - TTFT) / (output tokens - 1).
  case tpot
  /// Gaps between content chunks in seconds, pooled over requests.
  case itl
  /// End to end in seconds: last content chunk less the time it was sent.
  case e2e
  /// Output tokens per second of one instance over the steady window.
  case outputThroughput = "output_throughput"
  /// Input and output tokens per second of one instance over the steady window.
  case totalThroughput = "total_throughput"
  /// Output tokens per second and accelerator.
  case outputThroughputPerAccelerator = "output_throughput_per_accelerator"
  /// Requests completed per second.
  case requestThroughput = "request_throughput"
  /// Failed requests over all requests sent.
  case errorRate = "error_rate"
  /// US dollars per million output tokens; computed from the price book, never stored.
  case costPerMillionOutputTokens = "cost_per_million_output_tokens"

  /// True when more of it is better.
  package var isBenefit: Bool {
    switch self {
    case .outputThroughput, .totalThroughput, .outputThroughputPerAccelerator, .requestThroughput:
      true
    case .ttft, .tpot, .itl, .e2e, .errorRate, .costPerMillionOutputTokens: false
    }
  }

  /// True when it is a distribution over requests, and not one number of the run.
  package var isDistribution: Bool {
    switch self {
    case .ttft, .tpot, .itl, .e2e: true
    default: false
    }
  }
}

/// Which figure of a distribution.
package enum Statistic: String, Sendable, Hashable, CaseIterable {
  /// Arithmetic mean.
  case mean
  /// Median.
  case p50
  /// 90th percentile.
  case p90
  /// 95th percentile.
  case p95
  /// 99th percentile.
  case p99
  /// One number of the whole run, as a throughput is.
  case total
  /// The source does not say which: mean or median.
  case unstated
}
