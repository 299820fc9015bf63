package import BenchmarkDomain

extension MatrixDocument {
  /// A matrix as YAML that `init(_:)` reads back into the same matrix.
  package static func text(of matrix: Matrix) -> String {
    var lines = ["version: \(version)"]
    if !matrix.name.isEmpty { lines.append("name: \(scalar(matrix.name))") }
    lines += [
      "models: \(list(matrix.modelIDs))", "hardware: \(list(matrix.hardwareIDs))",
      "engines: \(list(matrix.engineIDs))", "quantizations: \(list(matrix.quantizationIDs))",
      "workloads:",
    ]
    for pattern in matrix.workloads {
      lines += item([
        ("name", pattern.name.isEmpty ? "" : scalar(pattern.name)),
        ("input_tokens", list(pattern.inputTokens)),
        ("output_tokens", list(pattern.outputTokens)),
        ("concurrency", list(pattern.concurrency)),
        ("max_batch", pattern.maxBatch.isEmpty ? "" : list(pattern.maxBatch)),
      ])
    }
    lines += rules("exclude", matrix.exclude) + rules("include", matrix.include)
    return lines.map { $0 + "\n" }.joined()
  }

  private static func rules(_ key: String, _ rules: [MatrixRule]) -> [String] {
    guard !rules.isEmpty else { return [] }
    return ["\(key):"]
      + rules.flatMap { rule in
        let texts = [
          ("models", rule.modelIDs), ("hardware", rule.hardwareIDs), ("engines", rule.engineIDs),
          ("quantizations", rule.quantizationIDs),
        ]
        let numbers = [
          ("input_tokens", rule.inputTokens), ("output_tokens", rule.outputTokens),
          ("concurrency", rule.concurrency), ("max_batch", rule.maxBatch),
        ]
        return item(
          texts.map { ($0, $1.isEmpty ? "" : list($1)) }
            + numbers.map { ($0, $1.isEmpty ? "" : list($1)) })
      }
  }

  /// A mapping as an item of a list; keys without a value are left out.
  private static func item(_ fields: [(key: String, value: String)]) -> [String] {
    fields.filter { !$0.value.isEmpty }.enumerated().map { index, field in
      "\(index == 0 ? "  - " : "    ")\(field.key): \(field.value)"
    }
  }

  private static func list(_ texts: [String]) -> String {
    "[" + texts.map(scalar).joined(separator: ", ") + "]"
  }

  private static func list(_ numbers: [Int32]) -> String {
    "[" + numbers.map(String.init).joined(separator: ", ") + "]"
  }

  /// A text as YAML reads it back: bare where that is plain, else in double quotes. What the reader
  /// takes for an anchor or an alias is escaped.
  private static func scalar(_ text: String) -> String {
    let isWord = { (byte: UInt8) in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    if let first = text.utf8.first, isWord(first), text != "null", text != "Null", text != "NULL",
      text.utf8.allSatisfy({ isWord($0) || "._/-".utf8.contains($0) })
    {
      return text
    }
    return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\"" || scalar == "\\" { return "\\" + String(scalar) }
    guard scalar.value < 0x20 || ["*", "&", "\u{7F}"].contains(scalar) else {
      return String(scalar)
    }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
  }
}
