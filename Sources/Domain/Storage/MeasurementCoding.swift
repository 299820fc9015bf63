package import BenchmarkDomain

/// The figures of a result as bytes: read a million times at a cold start, so not as JSON.
///
/// A version byte (1), the number of figures (u16), then of each: metric, statistic and flags
/// (a byte each; 1 interval, 2 certified, 4 a definition of its own), value (f64), sample count
/// (i64), [low, high, confidence (f64)], [certified (f64)], [definition: u16 length, UTF-8].
/// Little-endian.
package enum MeasurementCoding {
  private static let version: UInt8 = 1

  /// The stored numbers; they never change, and a new one takes the next.
  private static let metrics: [Metric] = [
    .ttft, .tpot, .itl, .e2e, .outputThroughput, .totalThroughput,
    .outputThroughputPerAccelerator, .requestThroughput, .errorRate, .costPerMillionOutputTokens,
  ]
  private static let statistics: [Statistic] = [.mean, .p50, .p90, .p95, .p99, .total, .unstated]

  /// Writes figures; `invalid` when one is not finite or there is no number for its kind.
  package static func encode(_ measurements: [Measurement]) throws -> [UInt8] {
    guard let count = UInt16(exactly: measurements.count) else {
      throw StorageError(.invalid, "A result has too many figures.")
    }
    var bytes = [version]
    bytes.reserveCapacity(3 + measurements.count * 56)
    append(count, to: &bytes)
    for measurement in measurements { try append(measurement, to: &bytes) }
    return bytes
  }

  private static func append(_ measurement: Measurement, to bytes: inout [UInt8]) throws {
    let interval = measurement.interval
    let optional = [interval?.low, interval?.high, interval?.confidence, measurement.certified]
    let figures = optional.compactMap { $0 }
    try requireFinite([measurement.value] + figures, "A figure of a result")
    let definition = Array(measurement.definition.utf8)
    guard let metric = metrics.firstIndex(of: measurement.metric),
      let statistic = statistics.firstIndex(of: measurement.statistic),
      let length = UInt16(exactly: definition.count)
    else { throw StorageError(.invalid, "A figure of a result is of an unknown kind.") }
    let isOwn = measurement.definition == Measurement.ownDefinition
    bytes.append(UInt8(metric))
    bytes.append(UInt8(statistic))
    bytes.append(
      (interval == nil ? 0 : 1) | (measurement.certified == nil ? 0 : 2) | (isOwn ? 0 : 4))
    append(measurement.value.bitPattern, to: &bytes)
    append(measurement.sampleCount, to: &bytes)
    for figure in figures { append(figure.bitPattern, to: &bytes) }
    if !isOwn {
      append(length, to: &bytes)
      bytes += definition
    }
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Reads figures; `corrupt` for anything that `encode` does not write.
  package static func decode(_ bytes: [UInt8]) throws -> [Measurement] { try decode(bytes[...]) }

  /// As above.
  package static func decode(_ bytes: ArraySlice<UInt8>) throws -> [Measurement] {
    try bytes.withUnsafeBytes { bytes in
      var scanner = Scanner(bytes: bytes)
      guard try scanner.number(UInt8.self) == version else { throw StorageError.damaged("result") }
      let count = Int(try scanner.number(UInt16.self))
      guard count <= scanner.restCount / leastBytes else { throw StorageError.damaged("result") }
      var measurements: [Measurement] = []
      measurements.reserveCapacity(count)
      for _ in 0..<count { measurements.append(try measurement(&scanner)) }
      guard scanner.restCount == 0 else { throw StorageError.damaged("result") }
      return measurements
    }
  }

  /// What a figure takes without anything optional.
  private static let leastBytes = 19

  private static func measurement(_ scanner: inout Scanner) throws -> Measurement {
    let metric = Int(try scanner.number(UInt8.self))
    let statistic = Int(try scanner.number(UInt8.self))
    let flags = try scanner.number(UInt8.self)
    guard metric < metrics.count, statistic < statistics.count, flags < 8 else {
      throw StorageError.damaged("result")
    }
    let (value, sampleCount) = (try scanner.real(), try scanner.number(Int64.self))
    let interval =
      flags & 1 == 0
      ? nil
      : Interval(
        low: try scanner.real(), high: try scanner.real(), confidence: try scanner.real())
    let certified = flags & 2 == 0 ? nil : try scanner.real()
    return Measurement(
      metric: metrics[metric], statistic: statistics[statistic], value: value,
      sampleCount: sampleCount, interval: interval, certified: certified,
      definition: flags & 4 == 0 ? Measurement.ownDefinition : try scanner.text())
  }
}

/// Takes numbers off the front of some bytes, and nothing behind their end.
private struct Scanner {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var restCount: Int { bytes.count - place }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws -> Number {
    let start = try take(MemoryLayout<Number>.size)
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Number.self))
  }

  mutating func real() throws -> Double { Double(bitPattern: try number()) }

  mutating func text() throws -> String {
    let count = Int(try number(UInt16.self))
    let start = try take(count)
    return String(decoding: bytes[start..<start + count], as: UTF8.self)
  }

  /// Where the next bytes begin, so many of which are there.
  private mutating func take(_ count: Int) throws -> Int {
    guard restCount >= count else { throw StorageError.damaged("result") }
    defer { place += count }
    return place
  }
}
