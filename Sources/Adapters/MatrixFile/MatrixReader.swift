import BenchmarkDomain
import Yams

/// Turns YAML nodes into a matrix and remembers where each field stood.
struct MatrixReader: Sendable {
  private var places: [String: Mark] = [:]

  /// Where a field stands: its own place, else that of the nearest thing around it.
  func place(of field: String) -> Mark? {
    var field = Substring(field)
    while true {
      if let mark = places[String(field)] { return mark }
      guard let cut = field.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      field = field[..<cut]
    }
  }

  mutating func matrix(_ root: Node) throws(MatrixFileError) -> Matrix {
    let fields = try mapping(
      root, "the file",
      keys: [
        "version", "name", "models", "hardware", "engines", "quantizations", "workloads",
        "exclude", "include",
      ])
    try checkVersion(fields["version"])
    return Matrix(
      name: try fields["name"].map { node throws(MatrixFileError) in try text(node, "name") }
        ?? "matrix",
      modelIDs: try texts(try required("models", fields, root), "models"),
      hardwareIDs: try texts(try required("hardware", fields, root), "hardware"),
      engineIDs: try texts(try required("engines", fields, root), "engines"),
      quantizationIDs: try texts(try required("quantizations", fields, root), "quantizations"),
      workloads: try patterns(try required("workloads", fields, root)),
      exclude: try rules(fields["exclude"], "exclude"),
      include: try rules(fields["include"], "include"))
  }

  private func checkVersion(_ node: Node?) throws(MatrixFileError) {
    guard let node else {
      throw MatrixFileError(
        .missingKey, line: 1, column: 1, "\"version: \(MatrixDocument.version)\" is missing")
    }
    guard case .scalar(let scalar) = node, scalar.style == .plain, let version = Int(scalar.string)
    else { throw error(.wrongType, node, "version must be a whole number") }
    guard version == MatrixDocument.version else {
      throw error(
        .unsupportedVersion, node,
        "version \(version) of the format is not known; this is version \(MatrixDocument.version)")
    }
  }

  private mutating func patterns(_ node: Node) throws(MatrixFileError) -> [WorkloadPattern] {
    var patterns: [WorkloadPattern] = []
    for (index, item) in try list(node, "workloads").enumerated() {
      let field = "workloads[\(index)]"
      let fields = try mapping(
        item, field, keys: ["name", "input_tokens", "output_tokens", "concurrency", "max_batch"])
      var name = "workload \(index + 1)"
      if let node = fields["name"] { name = try text(node, "\(field).name") }
      patterns.append(
        WorkloadPattern(
          name: name,
          inputTokens: try numbers(
            try required("input_tokens", fields, item), "\(field).input_tokens"),
          outputTokens: try numbers(
            try required("output_tokens", fields, item), "\(field).output_tokens"),
          concurrency: try numbers(
            try required("concurrency", fields, item), "\(field).concurrency"),
          maxBatch: try numbers(fields["max_batch"], "\(field).max_batch")))
    }
    return patterns
  }

  private mutating func rules(
    _ node: Node?, _ field: String
  ) throws(MatrixFileError) -> [MatrixRule] {
    guard let node else { return [] }
    var rules: [MatrixRule] = []
    for (index, item) in try list(node, field).enumerated() {
      rules.append(try rule(item, "\(field)[\(index)]"))
    }
    return rules
  }

  private mutating func rule(_ node: Node, _ field: String) throws(MatrixFileError) -> MatrixRule {
    let fields = try mapping(
      node, field,
      keys: [
        "models", "hardware", "engines", "quantizations", "input_tokens", "output_tokens",
        "concurrency", "max_batch",
      ])
    for (key, value) in fields {
      if case .sequence(let items) = value, items.isEmpty {
        throw error(.invalidMatrix, value, "\(field).\(key): the list has no value")
      }
    }
    var rule = MatrixRule()
    rule.modelIDs = try texts(fields["models"], "\(field).models")
    rule.hardwareIDs = try texts(fields["hardware"], "\(field).hardware")
    rule.engineIDs = try texts(fields["engines"], "\(field).engines")
    rule.quantizationIDs = try texts(fields["quantizations"], "\(field).quantizations")
    rule.inputTokens = try numbers(fields["input_tokens"], "\(field).input_tokens")
    rule.outputTokens = try numbers(fields["output_tokens"], "\(field).output_tokens")
    rule.concurrency = try numbers(fields["concurrency"], "\(field).concurrency")
    rule.maxBatch = try numbers(fields["max_batch"], "\(field).max_batch")
    return rule
  }

  // MARK: Nodes

  private mutating func mapping(
    _ node: Node, _ field: String, keys: [String]
  ) throws(MatrixFileError) -> [String: Node] {
    places[field] = node.mark
    guard case .mapping(let pairs) = node else {
      throw error(.wrongType, node, "\(field) must be a mapping of keys to values")
    }
    var fields: [String: Node] = [:]
    for (key, value) in pairs {
      guard case .scalar(let name) = key, keys.contains(name.string) else {
        throw error(.unknownKey, key, unknownKey(key, field, keys))
      }
      fields[name.string] = value
    }
    return fields
  }

  private func unknownKey(_ key: Node, _ field: String, _ keys: [String]) -> String {
    let known = keys.joined(separator: ", ")
    guard case .scalar(let name) = key else { return "a key of \(field) must be a text" }
    return "unknown key \"\(name.string.prefix(100))\" in \(field); known are \(known)"
  }

  private func required(
    _ key: String, _ fields: [String: Node], _ parent: Node
  ) throws(MatrixFileError) -> Node {
    guard let node = fields[key] else {
      throw error(.missingKey, parent, "the key \"\(key)\" is missing")
    }
    return node
  }

  private mutating func list(_ node: Node, _ field: String) throws(MatrixFileError) -> [Node] {
    places[field] = node.mark
    guard case .sequence(let items) = node else {
      throw error(.wrongType, node, "\(field) must be a list")
    }
    return Array(items)
  }

  private mutating func texts(_ node: Node?, _ field: String) throws(MatrixFileError) -> [String] {
    guard let node else { return [] }
    var texts: [String] = []
    for (index, item) in try list(node, field).enumerated() {
      texts.append(try text(item, "\(field)[\(index)]"))
    }
    return texts
  }

  private mutating func text(_ node: Node, _ field: String) throws(MatrixFileError) -> String {
    places[field] = node.mark
    guard case .scalar(let scalar) = node else {
      throw error(.wrongType, node, "\(field) must be a text")
    }
    let isNull =
      scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    guard !isNull, !scalar.string.isEmpty else {
      throw error(.wrongType, node, "\(field) must be a text and is empty")
    }
    return scalar.string
  }

  private mutating func numbers(_ node: Node?, _ field: String) throws(MatrixFileError) -> [Int32] {
    guard let node else { return [] }
    var numbers: [Int32] = []
    for (index, item) in try list(node, field).enumerated() {
      let place = "\(field)[\(index)]"
      places[place] = item.mark
      guard case .scalar(let scalar) = item, scalar.style == .plain,
        let number = Int32(scalar.string)
      else { throw error(.wrongType, item, "\(place) must be a whole number") }
      numbers.append(number)
    }
    return numbers
  }

  private func error(_ code: MatrixFileError.Code, _ node: Node, _ message: String)
    -> MatrixFileError
  {
    MatrixFileError(code, line: node.mark?.line, column: node.mark?.column, message)
  }
}
