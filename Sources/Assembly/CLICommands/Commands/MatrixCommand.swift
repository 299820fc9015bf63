import APIBindings
import APIMapping
import ArgumentParser
import BenchmarkDomain
import GRPC
import MatrixFile

/// `benchfront matrix`: what a matrix would make, and the default one.
struct MatrixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix", abstract: "Preview a test matrix, or print the default one.",
    subcommands: [Preview.self, Default.self])

  struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a matrix would make, without making it.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var source: MatrixSource
    @Option(
      parsing: .unconditional,
      help: .init("Configurations to print, up to 100.", valueName: "number"))
    var sample: Int32 = 5

    func validate() throws {
      guard (0...100).contains(sample) else { throw usageError("--sample lies between 0 and 100") }
    }

    func run() async throws {
      let document = try source.read()
      let preview = try await server.connected { services in
        try await source.naming(document) {
          try await services.control.previewMatrix(
            PreviewMatrixRequest(matrix: Matrix(document.matrix), sampleSize: sample))
        }
      }
      guard server.output == .table else { return printDocument(preview.json) }
      printLines(preview.lines)
    }
  }

  struct Default: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the default matrix of a model, as a file for run create.",
      discussion: """
        Prints YAML on standard output, and on standard error what the matrix would make: \
        benchfront matrix default --model MODEL > matrix.yaml

        It covers L4, A100-80GB and H100-80GB by 1, 2, 4 and 8, vllm, tgi and lmdeploy, and fp16, \
        int8 and int4. Add what else is wanted by hand: benchfront hardware and benchfront engines \
        list what there is.
        """)
    @OptionGroup var server: ServerOptions
    @Option(help: "The model; repeat for several.") var model: [String]

    func run() async throws {
      let matrix = BenchmarkDomain.Matrix.standard(modelIDs: model)
      let preview = try await server.connected { services in
        for id in model { _ = try await services.catalog.getModel(GetModelRequest(modelId: id)) }
        return try await services.control.previewMatrix(
          PreviewMatrixRequest(matrix: Matrix(matrix)))
      }
      guard preview.feasibleCount > 0 else {
        printError(
          "none of the \(Format.grouped(preview.configurationCount)) configurations can run: "
            + preview.infeasible.map(\.description).joined(separator: "; "))
        throw ExitCode(4)
      }
      if server.output == .json {
        printDocument(matrix.json)
      } else {
        print(MatrixDocument.text(of: matrix), terminator: "")
      }
      printError(preview.summary)
    }
  }
}

/// A matrix from a YAML file.
struct MatrixSource: ParsableArguments {
  @Argument(help: "A YAML file; see docs/matrix.md, or start with benchfront matrix default.")
  var file: String

  /// Reads and checks the file.
  func read() throws -> MatrixDocument {
    let bytes = try readFile(file, limit: MatrixDocument.maximumBytes)
    do throws(MatrixFileError) {
      return try MatrixDocument(bytes)
    } catch {
      printError(sentence(error))
      throw ExitCode(4)
    }
  }

  /// Runs a call that sends the matrix; what the server refuses in it is put where it stands.
  func naming<Outcome>(
    _ document: MatrixDocument, _ call: () async throws -> Outcome
  ) async throws -> Outcome {
    do {
      return try await call()
    } catch let error as RPCError {
      guard let field = RequestField(refusedBy: error), let key = field.matrixKey else {
        throw error
      }
      throw FileRefusal(sentence: sentence(document.refusal(of: key, field.matrixReason)))
    }
  }

  /// "matrix.yaml:3:10: unknown model ...".
  private func sentence(_ error: MatrixFileError) -> String {
    file + (error.line == nil ? ": " : ":") + error.description
  }
}

extension BenchmarkDomain.Matrix {
  /// As JSON with the keys of a matrix file, which reads JSON as well.
  fileprivate var json: JSONValue {
    func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
    func numbers(_ values: [Int32]) -> JSONValue { .array(values.map { .count($0) }) }
    // The default matrix has neither exclusions nor inclusions.
    return .object([
      ("version", .count(MatrixDocument.version)), ("name", .string(name)),
      ("models", texts(modelIDs)), ("hardware", texts(hardwareIDs)),
      ("engines", texts(engineIDs)), ("quantizations", texts(quantizationIDs)),
      (
        "workloads",
        .array(
          workloads.map {
            .object([
              ("name", .string($0.name)), ("input_tokens", numbers($0.inputTokens)),
              ("output_tokens", numbers($0.outputTokens)),
              ("concurrency", numbers($0.concurrency)), ("max_batch", numbers($0.maxBatch)),
            ])
          })
      ),
    ])
  }
}

extension PreviewMatrixResponse {
  /// How many configurations there are, and how many can run.
  fileprivate var summary: String {
    "\(Format.counted(configurationCount, "configuration")): "
      + "\(Format.grouped(feasibleCount)) can run, in "
      + "\(Format.counted(batchCount, "batch", "batches")); "
      + "\(Format.grouped(configurationCount - feasibleCount)) cannot."
  }

  fileprivate var lines: [String] {
    var lines = [summary]
    if !infeasible.isEmpty {
      var table = Table(">INFEASIBLE", "BECAUSE", "FOR EXAMPLE")
      for group in infeasible {
        table.add([
          Format.grouped(group.count), Names.words(group.reason),
          (group.example.map { "\($0.hardwareId) \($0.engineText) \($0.workloadText): " } ?? "")
            + group.description,
        ])
      }
      lines += [""] + table.lines
    }
    if !samples.isEmpty {
      var table = Table("CONFIGURATION", "MODEL", "HARDWARE", "ENGINE", "IN>OUT xC")
      for sample in samples {
        table.add([
          sample.id, sample.modelId, sample.hardwareId, sample.engineText, sample.workloadText,
        ])
      }
      lines += ["", "The first that can run:"] + table.lines
    }
    return lines
  }

  fileprivate var json: JSONValue {
    .object([
      ("configuration_count", .integer(configurationCount)),
      ("feasible_count", .integer(feasibleCount)), ("batch_count", .integer(batchCount)),
      (
        "infeasible",
        .array(
          infeasible.map { group in
            .object([
              ("reason", .string(Names.text(group.reason))),
              ("description", .string(group.description)), ("count", .integer(group.count)),
              ("example", group.example?.json ?? .null),
            ])
          })
      ), ("samples", .array(samples.map(\.json))),
    ])
  }
}
