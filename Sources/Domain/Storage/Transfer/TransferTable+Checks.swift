package import BenchmarkDomain

extension TransferTable {
  /// Why no store would have written the row, in words that go behind "has"; nil when one would.
  package func fault(in row: TransferRow) -> String? {
    guard row.count == columns.count else {
      return "\(row.count) values instead of \(columns.count)"
    }
    for (column, value) in zip(columns, row) where !column.takes(value) {
      return "a \(column.name) that it cannot have"
    }
    return Self.checks[number]?(row)
  }

  /// What a sentence calls the row: its noun and what it is by the table's order.
  package func title(of row: TransferRow) -> String {
    let names = row.prefix(orderCount).map { value in
      switch value {
      case .integer(let number): String(number)
      case .text(let text): "\"\(text)\""
      default: "?"
      }
    }
    return noun + " " + names.joined(separator: ", ")
  }

  private typealias Check = @Sendable (TransferRow) -> String?

  private static let checks: [Int: Check] = [
    meta.number: name(of: meta, "name") { $0 == "data_version" },
    model.number: name(of: model, "kind") { ModelKind(rawValue: $0) != nil },
    price.number: name(of: price, "basis") { PriceBasis(rawValue: $0) != nil },
    configuration.number: configurationCheck,
    result.number: resultCheck,
    run.number: name(of: run, "state") { RunState(rawValue: $0) != nil },
    batch.number: name(of: batch, "state") { BatchState(rawValue: $0) != nil },
    execution.number: executionCheck,
    sample.number: sampleCheck,
    commit.number: code(of: commit, "kind") { CommitKind(rawValue: $0) != nil },
  ]

  private static func name(
    of table: TransferTable, _ column: String, _ isKnown: @escaping @Sendable (String) -> Bool
  ) -> Check {
    let place = table.place(of: column)
    return { row in
      guard case .text(let text) = row[place], isKnown(text) else {
        return "a \(column) that is unknown"
      }
      return nil
    }
  }

  private static func code(
    of table: TransferTable, _ column: String, _ isKnown: @escaping @Sendable (UInt8) -> Bool
  ) -> Check {
    let place = table.place(of: column)
    return { row in
      guard case .integer(let number) = row[place], let code = UInt8(exactly: number),
        isKnown(code)
      else { return "a \(column) that is unknown" }
      return nil
    }
  }

  /// An id is the hash of what it stands for.
  private static let configurationCheck: Check = { row in
    guard case .bytes(let id) = row[1], case .text(let model) = row[2],
      case .text(let hardware) = row[3], case .text(let engine) = row[4],
      case .text(let quantization) = row[5], case .texts(let extra) = row[10],
      extra.count.isMultiple(of: 2)
    else { return "a dimension without a value" }
    let sizes = row[6...9].map { value -> Int32 in
      if case .integer(let number) = value { Int32(clamping: number) } else { 0 }
    }
    let configuration = Configuration(
      modelID: model, hardwareID: hardware, engineID: engine, quantizationID: quantization,
      workload: Workload(
        inputTokens: sizes[0], outputTokens: sizes[1], concurrency: sizes[2], maxBatch: sizes[3]),
      extraDimensions: stride(from: 0, to: extra.count, by: 2).map {
        Dimension(name: extra[$0], value: extra[$0 + 1])
      })
    return configuration.id.storedBytes == id ? nil : "an id that is not that of its content"
  }

  private static let resultCheck: Check = { row in
    guard case .text(let kind) = row[6], ProvenanceKind(rawValue: kind) != nil else {
      return "a kind that is unknown"
    }
    guard case .bytes(let bytes) = row[18] else { return "no figures" }
    // The reason is that they were not written by a store, whatever is wrong with them.
    return (try? MeasurementCoding.decode(bytes)) == nil ? "figures that cannot be read" : nil
  }

  private static let executionCheck: Check = { row in
    guard case .text(let state) = row[7], ExecutionState(rawValue: state) != nil else {
      return "a state that is unknown"
    }
    return committed(in: row) == nil ? "a bitmap of another number of requests" : nil
  }

  private static let sampleCheck: Check = { row in
    let codes = [row[4], row[15]].map { value -> UInt8 in
      if case .integer(let number) = value { UInt8(clamping: number) } else { 0 }
    }
    guard RequestOutcome(rawValue: codes[0]) != nil, TokenSource(rawValue: codes[1]) != nil else {
      return "an outcome or a source of its tokens that is unknown"
    }
    guard case .bytes(let gaps) = row[17], gaps.count <= RequestSample.maximumGapBytes else {
      return "more than \(RequestSample.maximumGapBytes) bytes of gaps"
    }
    return nil
  }

  /// The bitmap of a row of `execution`; nil when it is none.
  package static func committed(in row: TransferRow) -> RequestBitmap? {
    guard case .integer(let count) = row[8], case .bytes(let bytes) = row[9] else { return nil }
    return RequestBitmap(count: Int(count), bytes: bytes)
  }
}
