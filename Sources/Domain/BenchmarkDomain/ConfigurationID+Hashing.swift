extension ConfigurationID {
  /// Hashes canonical dimension values; `extra` must be ordered by name.
  init(
    hashing modelID: String, _ hardwareID: String, _ engineID: String, _ quantizationID: String,
    _ workload: Workload, _ extra: [Dimension]
  ) {
    var canonical: [UInt8] = []
    canonical.reserveCapacity(192)
    append(modelID, to: &canonical)
    append(hardwareID, to: &canonical)
    append(engineID, to: &canonical)
    append(quantizationID, to: &canonical)
    append(String(workload.inputTokens), to: &canonical)
    append(String(workload.outputTokens), to: &canonical)
    append(String(workload.concurrency), to: &canonical)
    if workload.maxBatch != 0 {
      append("max_batch", to: &canonical)
      append(String(workload.maxBatch), to: &canonical)
    }
    for dimension in extra {
      append(dimension.name, to: &canonical)
      append(dimension.value, to: &canonical)
    }
    let (high, low) = canonical.withUnsafeBytes { MurmurHash3.hash($0) }
    self.init(high: high, low: low)
  }
}

/// Appends a value's UTF-8 behind its length, so that no two lists of values look alike.
private func append(_ value: String, to canonical: inout [UInt8]) {
  var value = value
  value.withUTF8 { utf8 in
    withUnsafeBytes(of: UInt32(utf8.count).littleEndian) { canonical.append(contentsOf: $0) }
    canonical.append(contentsOf: utf8)
  }
}
