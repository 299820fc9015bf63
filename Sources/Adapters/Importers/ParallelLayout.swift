import BenchmarkDomain

/// How a model is spread over accelerators, as an aiconfigurator row states it.
struct ParallelLayout: Sendable {
  /// What came of a row's columns.
  enum Reading {
    case layout(ParallelLayout)
    case skipped(reason: String)
  }

  let acceleratorCount: Int32
  /// What is not at its default: everything tensor parallel, one server for both phases.
  let dimensions: [Dimension]

  static func read(_ row: CSVRow) throws(ImportError) -> Reading {
    let mode = try row.text("mode")
    switch mode {
    case "agg": return try aggregated(row)
    case "disagg": return try disaggregated(row)
    default:
      throw row.bad("mode", "is \"\(mode.prefix(50))\"; aiconfigurator writes agg and disagg")
    }
  }

  private static func aggregated(_ row: CSVRow) throws(ImportError) -> Reading {
    let workers = try Workers(row, prefix: "")
    let total = workers.acceleratorCount
    // Some rows multiply the parallelism by that of the experts once too often; their id tells.
    if let stated = try statedTensorParallel(row), stated != total {
      return .skipped(
        reason: "the row's id and its columns state different numbers of accelerators")
    }
    var dimensions: [Dimension] = []
    if workers.tensor != total {
      dimensions.append(Dimension(name: "tensor_parallel", value: String(workers.tensor)))
    }
    for (name, value) in [
      ("pipeline_parallel", workers.pipeline), ("attention_dp", workers.attentionData),
      ("moe_ep", workers.experts),
    ] where value != 1 {
      dimensions.append(Dimension(name: name, value: String(value)))
    }
    return layout(total, dimensions)
  }

  private static func disaggregated(_ row: CSVRow) throws(ImportError) -> Reading {
    guard let prefillers = try row.optionalWhole("prefill_num_workers", in: 1...10_000),
      let decoders = try row.optionalWhole("decode_num_workers", in: 1...10_000)
    else {
      return .skipped(reason: "disaggregated serving whose number of workers is not stated")
    }
    let prefill = try Workers(row, prefix: "prefill_")
    let decode = try Workers(row, prefix: "decode_")
    let total = prefill.acceleratorCount * prefillers + decode.acceleratorCount * decoders
    return layout(
      total,
      [
        Dimension(name: "serving", value: "disaggregated"),
        Dimension(name: "prefill_workers", value: "\(prefillers) x \(prefill.text)"),
        Dimension(name: "decode_workers", value: "\(decoders) x \(decode.text)"),
      ])
  }

  private static func layout(_ count: Int64, _ dimensions: [Dimension]) -> Reading {
    guard let count = Int32(exactly: count), count <= 100_000 else {
      return .skipped(reason: "more than 100,000 accelerators")
    }
    return .layout(ParallelLayout(acceleratorCount: count, dimensions: dimensions))
  }

  /// The N of an id's part "tpN", which counts the accelerators of the row.
  private static func statedTensorParallel(_ row: CSVRow) throws(ImportError) -> Int64? {
    try row.text("id").split(separator: "_").last { $0.hasPrefix("tp") }
      .flatMap { Int64($0.dropFirst(2)) }
  }
}

/// One kind of worker; what is left empty or 0 is 1.
private struct Workers {
  let tensor: Int64
  let pipeline: Int64
  let attentionData: Int64
  let experts: Int64

  init(_ row: CSVRow, prefix: String) throws(ImportError) {
    let range = Int64(0)...1_000
    tensor = try row.whole("\(prefix)tp_size", in: 1...1_000)
    pipeline = max(1, try row.optionalWhole("\(prefix)pp_size", in: range) ?? 1)
    attentionData = max(1, try row.optionalWhole("\(prefix)attention_dp_size", in: range) ?? 1)
    experts = max(1, try row.optionalWhole("\(prefix)moe_ep_size", in: range) ?? 1)
  }

  var acceleratorCount: Int64 { tensor * pipeline * attentionData }

  /// Canonical text, e.g. "tp8 pp1 dp1 ep8".
  var text: String { "tp\(tensor) pp\(pipeline) dp\(attentionData) ep\(experts)" }
}
