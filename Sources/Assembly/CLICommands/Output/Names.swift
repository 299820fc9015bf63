import APIBindings

/// Names of the interface's enums as people type them: "output_throughput", "p95", "on_demand".
enum Names {
  /// The name of a value; empty for the unspecified one.
  static func text(_ value: some APIEnum) -> String {
    if value.rawValue == 0 { return "" }
    return snakeCase("\(value)")
  }

  /// The name in words: "weights do not fit".
  static func words(_ value: some APIEnum) -> String {
    String(text(value).map { $0 == "_" ? " " : $0 })
  }

  /// The value of a name in any case, dashes or underscores; nil for none.
  static func value<Value: APIEnum>(_ name: some StringProtocol, of type: Value.Type) -> Value? {
    let wanted = name.lowercased().map { $0 == "-" ? "_" : $0 }
    return type.known.first { $0.rawValue != 0 && text($0) == String(wanted) }
  }

  /// All names, for messages: "ttft, tpot, itl".
  static func all<Value: APIEnum>(_ type: Value.Type) -> String {
    type.known.filter { $0.rawValue != 0 }.map(text).joined(separator: ", ")
  }

  private static func snakeCase(_ name: String) -> String {
    var text = ""
    for letter in name {
      if letter.isUppercase { text += "_" + letter.lowercased() } else { text.append(letter) }
    }
    return text
  }
}

extension Metric {
  /// Heading of a column.
  var title: String {
    switch self {
    case .ttft: "TTFT"
    case .tpot: "TPOT"
    case .itl: "ITL"
    case .e2e: "E2E"
    case .outputThroughput: "TOK/S"
    case .totalThroughput: "TOTAL TOK/S"
    case .outputThroughputPerAccelerator: "TOK/S/GPU"
    case .requestThroughput: "REQ/S"
    case .errorRate: "ERRORS"
    case .costPerMillionOutputTokens: "$/MTOK"
    case .unspecified, .unrecognized: "?"
    }
  }

  /// The unit of its values, for JSON and explanations.
  var unit: String {
    switch self {
    case .ttft, .tpot, .itl, .e2e: "seconds"
    case .outputThroughput, .totalThroughput: "tokens_per_second"
    case .outputThroughputPerAccelerator: "tokens_per_second_per_accelerator"
    case .requestThroughput: "requests_per_second"
    case .errorRate: "ratio"
    case .costPerMillionOutputTokens: "usd_per_million_tokens"
    case .unspecified, .unrecognized: ""
    }
  }
}
