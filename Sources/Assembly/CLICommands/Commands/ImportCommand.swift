import APIBindings
import ArgumentParser
import GRPC
import Glibc

/// `benchfront import`: another tool's results.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import other tools' result files.",
    discussion: """
      Formats: aiconfigurator (its measured rows, CSV with a column silicon_ttft_ms, from \
      github.com/ai-dynamo/aiconfigurator), ibm-pilot (raw rows of requests, CSV, from \
      github.com/IBM/LLM-performance-prediction). A format is found out when none is given. What \
      is imported is marked so, with its tool, version and source, for ever.
      """)
  @OptionGroup var server: ServerOptions
  @Argument(help: .init("Files; - for standard input.", valueName: "file"))
  var files: [String]
  @Option(help: "The format, when it is not to be found out.") var format = ""
  @Option(help: .init("The tool's version, when the file does not say.", valueName: "version"))
  var toolVersion = ""
  @Option(help: .init("Name of the source; the file's name without.", valueName: "text"))
  var source = ""
  @Flag(help: "Check and count, and store nothing.") var dryRun = false

  func run() async throws {
    try await server.connected { services in
      var answers: [JSONValue] = []
      for (place, file) in files.enumerated() {
        let answer = try await ImportCommand.naming(files[(place + 1)...]) {
          try await send(file, services)
        }
        if server.output == .json {
          answers.append(answer.json(file))
        } else {
          printLines(answer.lines(file, dryRun: dryRun))
        }
      }
      if server.output == .json { printDocument(.array(answers)) }
    }
  }

  /// Runs the import of one file; says of the files behind one that fails that they were not read.
  static func naming<Outcome>(
    _ rest: ArraySlice<String>, _ body: () async throws -> Outcome
  ) async throws -> Outcome {
    let words = rest.isEmpty ? "" : "; not read: " + rest.joined(separator: ", ")
    do {
      return try await body()
    } catch let error as FileRefusal {
      throw FileRefusal(sentence: error.sentence + words)
    } catch let error as ExitCode {
      if !rest.isEmpty { printError(String(words.dropFirst(2))) }
      throw error
    }
  }

  private func send(_ file: String, _ services: Services) async throws -> ImportResultsResponse {
    let descriptor = file == "-" ? STDIN_FILENO : try openFile(file)
    defer { if file != "-" { close(descriptor) } }
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let call = try await services.catalog.importResults()
    try await call.send(
      ImportResultsRequest(
        part: .header(
          ImportHeader(
            format: format, source: source.isEmpty ? name : source, toolVersion: toolVersion,
            dryRun: dryRun))))
    var progress = ImportProgress()
    defer { progress.clear() }
    do {
      while let chunk = try readChunk(descriptor, size: 256 * 1_024, path: file) {
        try await call.send(ImportResultsRequest(part: .data(chunk)))
        progress.sent(chunk.count)
      }
    } catch is RPCError {
      // The server refused in the middle; its answer says why.
    }
    do {
      return try await call.finish()
    } catch let error as RPCError {
      guard let field = RequestField(refusedBy: error), isContent(field) else { throw error }
      throw FileRefusal(sentence: field.sentence(naming: file))
    }
  }

  /// True where the file is at fault, and not what was typed beside it.
  private func isContent(_ field: RequestField) -> Bool {
    field.path == "data" || field.path == "header.format" && !field.reason.contains("\"\(format)\"")
  }
}

/// Counts the megabytes that went, in place, where standard error is a terminal.
private struct ImportProgress {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var bytes = 0

  mutating func sent(_ count: Int) {
    bytes += count
    draw("\r\u{1B}[K  \(Format.fixed(Double(bytes) / 1e6, 1)) MB sent")
  }

  mutating func clear() {
    if bytes > 0 { draw("\r\u{1B}[K") }
  }

  private func draw(_ text: String) {
    guard isTerminal else { return }
    text.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
  }
}

extension ImportResultsResponse {
  fileprivate func lines(_ file: String, dryRun: Bool) -> [String] {
    var lines = [
      "\(file): \(format), \(Format.counted(rowCount, "row")), "
        + "\(Format.counted(resultCount, "result")) \(dryRun ? "would be stored" : "stored")"
        + (duplicateCount > 0 ? ", \(Format.grouped(duplicateCount)) known already" : "")
        + (newModelCount > 0 ? ", " + Format.counted(newModelCount, "new model") : "")
        + (newHardwareCount > 0
          ? ", " + Format.counted(newHardwareCount, "new hardware profile") : "")
    ]
    for rows in skipped {
      lines.append(
        "  left out \(Format.grouped(rows.count)): \(rows.reason) (first on line "
          + "\(rows.firstLine))")
    }
    return lines
  }

  fileprivate func json(_ file: String) -> JSONValue {
    .object([
      ("file", .string(file)), ("format", .string(format)), ("row_count", .integer(rowCount)),
      ("result_count", .integer(resultCount)), ("duplicate_count", .integer(duplicateCount)),
      ("new_model_count", .integer(newModelCount)),
      ("new_hardware_count", .integer(newHardwareCount)),
      (
        "skipped",
        .array(
          skipped.map {
            .object([
              ("reason", .string($0.reason)), ("count", .integer($0.count)),
              ("first_line", .integer($0.firstLine)),
            ])
          })
      ),
    ])
  }
}
