/// A JSON value whose objects keep their order.
enum JSONValue {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])

  /// The value as indented text.
  func text(indent: String = "") -> String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    // JSON has no infinities and no NaN.
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.quoted(value)
    case .array(let values): Self.list("[", "]", values.map { ($0, "") }, indent)
    case .object(let members):
      Self.list("{", "}", members.map { ($0.1, Self.quoted($0.0) + ": ") }, indent)
    }
  }

  /// The value on one line.
  var line: String {
    switch self {
    case .array(let values): "[" + values.map(\.line).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.line }.joined(separator: ",") + "}"
    default: text()
    }
  }

  private static func list(
    _ open: String, _ close: String, _ members: [(value: JSONValue, key: String)], _ indent: String
  ) -> String {
    guard !members.isEmpty else { return open + close }
    let inner = indent + "  "
    let lines = members.map { inner + $0.key + $0.value.text(indent: inner) }
    return open + "\n" + lines.joined(separator: ",\n") + "\n" + indent + close
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension JSONValue {
  /// A text, or null when it is empty.
  static func optional(_ text: String) -> JSONValue { text.isEmpty ? .null : .string(text) }
  /// A whole number, or null for the 0 that stands for one that nobody states.
  static func stated(_ value: some BinaryInteger) -> JSONValue {
    value == 0 ? .null : .count(value)
  }
  /// A whole number.
  static func count(_ value: some BinaryInteger) -> JSONValue { .integer(Int64(value)) }
}
