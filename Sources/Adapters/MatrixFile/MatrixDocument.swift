package import BenchmarkDomain
internal import Yams

/// A matrix written in YAML, with the place of each of its fields.
///
///     version: 1
///     name: smollm2-cpu
///     models: [HuggingFaceTB/SmolLM2-135M-Instruct]
///     hardware: [cpu-x1]
///     engines: [llama.cpp]
///     quantizations: [q4_k_m, q8_0]
///     workloads:
///       - name: chat
///         input_tokens: [64]
///         output_tokens: [32]
///         concurrency: [1, 2, 4]
///         max_batch: [8]
///     exclude:
///       - engines: [tgi]
///         quantizations: [int4]
///     include:
///       - hardware: [h100-80gb-x1]
///         concurrency: [256]
///
/// `name`, a pattern's `name` and `max_batch`, `exclude` and `include` may be left out.
package struct MatrixDocument: Sendable {
  /// Most bytes of a file.
  package static let maximumBytes = 1 << 20
  /// The version of the format that is read.
  package static let version = 1

  /// The matrix; `Matrix.validate()` has accepted it.
  package let matrix: Matrix
  private let reader: MatrixReader

  /// Reads a file's bytes; names are not compared with any catalog.
  package init(_ bytes: [UInt8]) throws(MatrixFileError) {
    guard bytes.count <= Self.maximumBytes else {
      throw MatrixFileError(
        .tooLarge, "the file has \(bytes.count) bytes; at most \(Self.maximumBytes) are read")
    }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw MatrixFileError(.notText, "the file is not UTF-8 text")
    }
    try Self.refuseAliases(bytes)
    guard let root = try Self.compose(text) else {
      throw MatrixFileError(.missingKey, line: 1, column: 1, "the file is empty")
    }
    var reader = MatrixReader()
    matrix = try reader.matrix(root)
    self.reader = reader
    do {
      try matrix.validate()
    } catch {
      // The number of combinations is the product of all fields; the workloads make most of it.
      guard error.code == .tooLarge else { throw refusal(of: error.field, error.description) }
      throw refusal(of: "workloads", error.message)
    }
  }

  /// Reads a file's bytes into its matrix.
  package static func parse(_ bytes: [UInt8]) throws(MatrixFileError) -> Matrix {
    try MatrixDocument(bytes).matrix
  }

  /// The error that puts a fault where the field stands in the file, e.g. "models[0]": the server
  /// finds names that no catalog has.
  package func refusal(of field: String, _ message: String) -> MatrixFileError {
    let place = reader.place(of: field)
    return MatrixFileError(
      .invalidMatrix, line: place?.line, column: place?.column, message)
  }

  private static func compose(_ text: String) throws(MatrixFileError) -> Node? {
    do {
      return try Parser(yaml: text).singleRoot()
    } catch let error as YamlError {
      throw MatrixFileError(error)
    } catch {
      throw MatrixFileError(.syntax, "the file is not YAML: \(error)")
    }
  }

  /// Refuses what looks like an anchor or an alias before the parser sees it, since a few aliases
  /// can stand for more nodes than any memory holds. Quoted text and comments are not spared: a
  /// matrix needs neither sign there.
  private static func refuseAliases(_ bytes: [UInt8]) throws(MatrixFileError) {
    var line = 1
    var lineStart = 0
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\n") {
        line += 1
        lineStart = index + 1
      }
      guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "&") else { continue }
      let before = index == 0 ? UInt8(ascii: "\n") : bytes[index - 1]
      let after = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
      if opensToken.contains(before) && !isSpace(after) {
        throw MatrixFileError(
          .alias, line: line, column: index - lineStart + 1,
          "anchors and aliases (\"&name\", \"*name\") are not accepted in a matrix")
      }
    }
  }

  /// Bytes behind which a YAML token may begin.
  private static let opensToken = Set("\u{FEFF} \t\r\n[]{},:-?!\"'".utf8)

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}

extension MatrixFileError {
  /// Keeps what the parser says and where.
  fileprivate init(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let isDeep = problem.contains("nesting level")
      self.init(
        .syntax, line: mark.line, column: mark.column,
        isDeep ? "lists and mappings are nested more deeply than any matrix needs" : problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        .syntax, line: context.mark.line, column: context.mark.column,
        "the key \"\(duplicates.first?.prefix(100) ?? "")\" stands twice")
    case .reader(let problem, _, _, _):
      self.init(.notText, problem)
    default:
      self.init(.syntax, "the file is not YAML")
    }
  }
}
