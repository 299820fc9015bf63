import BenchmarkDomain
import Storage
import Testing

@Suite("Stored bytes")
struct CodingTests {
  static let measurements: [Measurement] = Metric.allCases.flatMap { metric in
    Statistic.allCases.map { statistic in
      Measurement(
        metric: metric, statistic: statistic, value: -1.5, sampleCount: .max,
        interval: statistic == .p50 ? Interval(low: 1, high: 2, confidence: 0.95) : nil,
        certified: statistic == .p99 ? 7 : nil,
        definition: statistic == .mean ? "wörd/1" : Measurement.ownDefinition)
    }
  }

  @Test("figures of every kind are read back as they were written")
  func roundTrip() throws {
    let bytes = try MeasurementCoding.encode(Self.measurements)
    #expect(try MeasurementCoding.decode(bytes) == Self.measurements)
    #expect(try MeasurementCoding.decode(MeasurementCoding.encode([])) == [])
  }

  @Test("figures that are cut short, too long or changed are told as damage")
  func damage() throws {
    let bytes = try MeasurementCoding.encode(Array(Self.measurements.prefix(5)))
    for count in 0..<bytes.count {
      #expect(throws: StorageError.self) { try MeasurementCoding.decode(Array(bytes[..<count])) }
    }
    #expect(throws: StorageError.self) { try MeasurementCoding.decode(bytes + [0]) }
    for (position, byte): (Int, UInt8) in [(0, 2), (3, 99), (4, 99), (5, 8)] {
      var changed = bytes
      changed[position] = byte
      #expect(throws: StorageError.self) { try MeasurementCoding.decode(changed) }
    }
  }

  @Test("a page token holds keys of every kind")
  func pageToken() throws {
    let keys: [PageKey] = [
      .null, .integer(.min), .real(-0.5), .text("tëxt"), .text(""), .bytes([0, 255]),
    ]
    let token = PageToken.encode(keys, question: "q")
    #expect(try PageToken.decode(token, question: "q", keyCount: 6) == keys)
    #expect(throws: StorageError.self) {
      try PageToken.decode(token, question: "p", keyCount: 6)
    }
    #expect(throws: StorageError.self) {
      try PageToken.decode(token, question: "q", keyCount: 5)
    }
  }
}
