import FoundationEssentials
import Glibc

/// The variables of the process that begin with `BENCHFRONT_`.
struct Environment: Sendable {
  private let values: [String: String]

  /// Makes an environment of its own, by the names without the prefix.
  init(_ values: [String: String]) { self.values = values }

  /// The environment of the process.
  static var process: Environment {
    var values: [String: String] = [:]
    for (name, value) in ProcessInfo.processInfo.environment where name.hasPrefix(prefix) {
      values[String(name.dropFirst(prefix.count))] = value
    }
    return Environment(values)
  }

  private static let prefix = "BENCHFRONT_"

  /// A value; nil when the variable is unset or empty.
  subscript(_ name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A value's parts between commas.
  func list(_ name: String) -> [String]? {
    self[name]?.split(separator: ",").map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A value that is true or false; false when it is unset.
  func flag(_ name: String) throws(StartupError) -> Bool {
    switch self[name] {
    case nil, "false", "0": return false
    case "true", "1": return true
    case let other?:
      throw StartupError(.usage, "BENCHFRONT_\(name) is '\(other)', not true or false")
    }
  }
}

/// Writes a whole line to a descriptor of the process; a reader that has gone is not an error.
func writeLine(_ text: String, to descriptor: Int32) {
  var bytes = Array((text + "\n").utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return }
    bytes = bytes.dropFirst(count)
  }
}
