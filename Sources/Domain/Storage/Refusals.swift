internal import BenchmarkDomain

// What every store refuses, in the same words.

/// Refuses what is no number: one of them spoils every ranking that it enters.
package func requireFinite(_ figures: [Double], _ what: String) throws {
  guard figures.allSatisfy(\.isFinite) else {
    throw StorageError(.invalid, "\(what) must be a finite number.")
  }
}

extension PageRequest {
  /// Refuses a size out of range.
  package func requireSize() throws {
    guard (1...1000).contains(size) else {
      throw StorageError(.invalid, "The page size must be between 1 and 1,000.")
    }
  }
}

extension SampleCommit {
  /// Most samples of one message.
  private static let messageLimit = 256

  /// Why the samples cannot be of an execution of so many requests; nil when they can.
  package func fault(requestCount: Int) -> String? {
    if samples.count > Self.messageLimit { return "A message holds at most 256 samples." }
    for index in samples.indices {
      let request = samples[index].requestIndex
      if Int(request) >= requestCount { return "The execution has no request \(request)." }
      if !samples[index].isStorable { return "A stamp of request \(request) is out of range." }
    }
    return nil
  }
}

extension RequestSample {
  /// True when the stamps fit 64-bit columns: 292 years of nanoseconds.
  fileprivate var isStorable: Bool {
    let most = max(
      scheduled, sent, max(firstByte, firstContent, firstVisible), max(lastContent, end))
    return most <= UInt64(Int64.max)
  }
}
