/// The rules of the Prometheus text format for names, and its escapes.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
enum MetricName {
  /// Whether a metric may be called so: a letter, underscore or colon, then digits too.
  static func isMetric(_ name: String) -> Bool { isName(name, allowsColon: true) }

  /// Whether a label may be called so; names that begin with two underscores are reserved.
  static func isLabel(_ name: String) -> Bool {
    isName(name, allowsColon: false) && !name.hasPrefix("__")
  }

  private static func isName(_ name: String, allowsColon: Bool) -> Bool {
    guard let first = name.utf8.first, !isDigit(first) else { return false }
    return name.utf8.allSatisfy { byte in
      isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x5F || (allowsColon && byte == 0x3A)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// A label's value between its quotes.
  static func escapedValue(_ text: String) -> String { escaped(text, quotes: true) }

  /// A help text.
  static func escapedHelp(_ text: String) -> String { escaped(text, quotes: false) }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// `{a="1",b="2"}`, or nothing when there are no labels.
  static func labels(_ names: [String], _ values: [String]) -> String {
    guard !names.isEmpty else { return "" }
    let pairs = zip(names, values).map { "\($0)=\"\(escapedValue($1))\"" }
    return "{" + pairs.joined(separator: ",") + "}"
  }
}
