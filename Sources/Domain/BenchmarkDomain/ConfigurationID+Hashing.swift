extension ConfigurationID {
  /// Hashes canonical dimension values; `extra` must be ordered by name.
  init(
    hashing modelID: String, _ hardwareID: String, _ engineID: String, _ quantizationID: String,
    _ workload: Workload, _ extra: [Dimension]
  ) {
    var capacity = CanonicalValues.fixedBytes
    for name in [modelID, hardwareID, engineID, quantizationID] { capacity += name.utf8.count }
    for dimension in extra {
      capacity += 8 + dimension.name.utf8.count + dimension.value.utf8.count
    }
    // On the stack: each row that is read, and each point of a matrix, is hashed.
    let (high, low) = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { space in
      var values = CanonicalValues(space)
      values.append(modelID)
      values.append(hardwareID)
      values.append(engineID)
      values.append(quantizationID)
      values.append(workload)
      for dimension in extra {
        values.append(dimension.name)
        values.append(dimension.value)
      }
      return MurmurHash3.hash(values.bytes)
    }
    self.init(high: high, low: low)
  }
}

/// Values as their UTF-8 behind its length, so that no two lists of values look alike.
private struct CanonicalValues {
  /// More than all takes but for the names' and further dimensions' own bytes.
  static let fixedBytes = 128

  private let space: UnsafeMutableRawBufferPointer
  private var count = 0

  init(_ space: UnsafeMutableRawBufferPointer) { self.space = space }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: space[..<count]) }

  mutating func append(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      appendLength(utf8.count)
      UnsafeMutableRawBufferPointer(rebasing: space[count...])
        .copyMemory(from: UnsafeRawBufferPointer(utf8))
      count += utf8.count
    }
  }

  mutating func append(_ workload: Workload) {
    append(workload.inputTokens)
    append(workload.outputTokens)
    append(workload.concurrency)
    if workload.maxBatch != 0 {
      append("max_batch")
      append(workload.maxBatch)
    }
  }

  /// Appends a number as decimal text.
  private mutating func append(_ number: Int32) {
    var digitCount = 1
    var rest = number.magnitude
    while rest >= 10 {
      rest /= 10
      digitCount += 1
    }
    let signCount = number < 0 ? 1 : 0
    appendLength(signCount + digitCount)
    if number < 0 { space[count] = UInt8(ascii: "-") }
    count += signCount + digitCount
    rest = number.magnitude
    for place in 1...digitCount {
      space[count - place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }

  private mutating func appendLength(_ length: Int) {
    space.storeBytes(of: UInt32(length).littleEndian, toByteOffset: count, as: UInt32.self)
    count += 4
  }
}
