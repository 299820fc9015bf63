import APIBindings
import APIMapping
import ArgumentParser
import BenchmarkDomain
import MatrixFile

/// `benchfront matrix`: what a matrix would make.
struct MatrixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix", abstract: "Preview a test matrix, or print the default one.",
    subcommands: [Preview.self, Default.self])

  struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a matrix would make, without making it.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var source: MatrixSource
    @Option(help: "Configurations to print.") var sample: Int32 = 5

    func run() async throws {
      let matrix = try source.read()
      let preview = try await server.connected { services in
        try await services.control.previewMatrix(
          PreviewMatrixRequest(matrix: matrix, sampleSize: sample))
      }
      guard server.output == .table else { return print(preview.json.text()) }
      printLines(preview.lines)
    }
  }

  struct Default: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print how many configurations the default matrix makes of a model.")
    @OptionGroup var server: ServerOptions
    @Option(help: "The model.") var model: String

    func run() async throws {
      let matrix = Matrix(BenchmarkDomain.Matrix.standard(modelIDs: [model]))
      let preview = try await server.connected { services in
        try await services.control.previewMatrix(PreviewMatrixRequest(matrix: matrix))
      }
      guard server.output == .table else { return print(preview.json.text()) }
      printLines(preview.lines)
    }
  }
}

/// A matrix from a YAML file, or the default one of a model.
struct MatrixSource: ParsableArguments {
  @Argument(help: "A YAML file; see docs/matrix.md.") var file: String

  /// Reads and checks the file.
  func read() throws -> APIBindings.Matrix {
    let bytes = try readFile(file, limit: MatrixDocument.maximumBytes)
    do throws(MatrixFileError) {
      return APIBindings.Matrix(try MatrixDocument.parse(bytes))
    } catch {
      printError("\(file): \(error)")
      throw ExitCode(4)
    }
  }
}

extension PreviewMatrixResponse {
  fileprivate var lines: [String] {
    var lines = [
      "\(Format.grouped(configurationCount)) configurations: "
        + "\(Format.grouped(feasibleCount)) can run, in \(Format.grouped(batchCount)) batches; "
        + "\(Format.grouped(configurationCount - feasibleCount)) cannot."
    ]
    if !infeasible.isEmpty {
      var table = Table(">INFEASIBLE", "BECAUSE", "FOR EXAMPLE")
      for group in infeasible {
        table.add([
          Format.grouped(group.count), group.description,
          group.example.map { "\($0.hardwareId) \($0.engineText) \($0.workloadText)" } ?? "",
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
