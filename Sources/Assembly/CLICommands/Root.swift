package import ArgumentParser
import BenchmarkDomain

/// `benchfront`: the command line of the catalog, the control plane and the rankings.
package struct BenchfrontCommand: AsyncParsableCommand {
  /// What help prints.
  package static let configuration = CommandConfiguration(
    commandName: "benchfront",
    abstract: "Which model, engine, quantization and hardware to run, and what it costs.",
    discussion: """
      Talks to a benchfront-server: see --server, or set BENCHFRONT_SERVER. Exit codes: 0 done, \
      1 failed, 2 wrong usage, 3 not found, 4 refused (by the server, or a file's content), \
      5 unavailable.
      """,
    version: Product.version,
    subcommands: [
      ModelsCommand.self, HardwareCommand.self, EnginesCommand.self, PricesCommand.self,
      MatrixCommand.self, RunCommand.self, WatchCommand.self, ResultsCommand.self,
      RecommendCommand.self, ParetoCommand.self, ImportCommand.self, AgentsCommand.self,
      AuditCommand.self,
    ])

  /// Makes the command; the parser fills it in.
  package init() {}

  /// Parses the arguments, runs, and ends the process with one of the documented exit codes.
  package static func runToExit() async -> Never {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      if let loss = StandardOutput.finish() {
        printError(loss)
        exit(withError: ExitCode(1))
      }
      exit(withError: nil)
    } catch {
      // The parser says 64 (EX_USAGE) for wrong usage; ours is 2.
      let code = exitCode(for: error)
      guard code == .validationFailure else { exit(withError: error) }
      let words = message(for: error)
      let arguments = Array(CommandLine.arguments.dropFirst())
      let known = configuration.subcommands.map { $0._commandName }
      printError(
        WrongUsage.unknownCommand(words, arguments: arguments, known: known) ?? words)
      exit(withError: ExitCode(2))
    }
  }
}
