package import APIBindings
package import BenchmarkDomain

// The enums of the domain and of the interface, value by value.

extension BenchmarkDomain.ModelKind: WireEnum {
  package var wire: APIBindings.ModelKind {
    switch self {
    case .selfHosted: .selfHosted
    case .hosted: .hosted
    }
  }
}

extension BenchmarkDomain.PriceBasis: WireEnum {
  package var wire: APIBindings.PriceBasis {
    switch self {
    case .onDemand: .onDemand
    case .spot: .spot
    }
  }
}

extension BenchmarkDomain.Metric: WireEnum {
  package var wire: APIBindings.Metric {
    switch self {
    case .ttft: .ttft
    case .tpot: .tpot
    case .itl: .itl
    case .e2e: .e2e
    case .outputThroughput: .outputThroughput
    case .totalThroughput: .totalThroughput
    case .outputThroughputPerAccelerator: .outputThroughputPerAccelerator
    case .requestThroughput: .requestThroughput
    case .errorRate: .errorRate
    case .costPerMillionOutputTokens: .costPerMillionOutputTokens
    }
  }
}

extension BenchmarkDomain.Statistic: WireEnum {
  package var wire: APIBindings.Statistic {
    switch self {
    case .mean: .mean
    case .p50: .p50
    case .p90: .p90
    case .p95: .p95
    case .p99: .p99
    case .total: .total
    case .unstated: .unstated
    }
  }
}

extension BenchmarkDomain.ProvenanceKind: WireEnum {
  package var wire: APIBindings.ProvenanceKind {
    switch self {
    case .measured: .measured
    case .imported: .imported
    case .interpolated: .interpolated
    case .simulated: .simulated
    }
  }
}

extension BenchmarkDomain.RequestOutcome: WireEnum {
  package var wire: APIBindings.RequestOutcome {
    switch self {
    case .ok: .ok
    case .connectionFailed: .connectionFailed
    case .timedOut: .timedOut
    case .httpError: .httpError
    case .malformed: .malformed
    case .incomplete: .incomplete
    case .empty: .empty
    }
  }

  /// Both number their values alike, which spares a search for every sample.
  package static func known(_ wire: APIBindings.RequestOutcome) -> Self? {
    UInt8(exactly: wire.rawValue).flatMap { Self(rawValue: $0) }
  }
}

extension BenchmarkDomain.TokenSource: WireEnum {
  package var wire: APIBindings.TokenSource {
    switch self {
    case .usage: .usage
    case .chunks: .chunks
    }
  }

  /// Both number their values alike, which spares a search for every sample.
  package static func known(_ wire: APIBindings.TokenSource) -> Self? {
    UInt8(exactly: wire.rawValue).flatMap { Self(rawValue: $0) }
  }
}

extension BenchmarkDomain.RunState: WireEnum {
  package var wire: APIBindings.RunState {
    switch self {
    case .pending: .pending
    case .running: .running
    case .completed: .completed
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }
}

extension BenchmarkDomain.BatchState: WireEnum {
  package var wire: APIBindings.BatchState {
    switch self {
    case .pending: .pending
    case .leased: .leased
    case .completed: .completed
    case .cancelled: .cancelled
    }
  }
}

extension BenchmarkDomain.ExecutionState: WireEnum {
  package var wire: APIBindings.ExecutionState {
    switch self {
    case .pending: .pending
    case .running: .running
    case .completed: .completed
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }
}

extension BenchmarkDomain.InfeasibilityReason: WireEnum {
  package var wire: APIBindings.InfeasibilityReason {
    switch self {
    case .weightsDoNotFit: .weightsDoNotFit
    case .kvCacheDoesNotFit: .kvCacheDoesNotFit
    case .unsupportedQuantization: .unsupportedQuantization
    case .contextTooLong: .contextTooLong
    case .hostedModel: .hostedModel
    }
  }
}
