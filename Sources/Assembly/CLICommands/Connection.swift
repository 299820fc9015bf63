import APIBindings
import ArgumentParser
import GRPC
import Glibc
import Reactor

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  /// Aligned tables for people.
  case table
  /// One JSON document for programs.
  case json
}

/// What every command takes.
struct ServerOptions: ParsableArguments {
  @Option(help: "Address of the server; BENCHFRONT_SERVER in the environment.")
  var server = environment("BENCHFRONT_SERVER") ?? "127.0.0.1:50051"

  @Option(help: "How to print: table or json.")
  var output = OutputFormat.table

  /// Runs `body` with a channel to the server; turns what goes wrong into one sentence on standard
  /// error and the exit code that stands for it.
  func connected<Outcome>(_ body: (Services) async throws -> Outcome) async throws -> Outcome {
    let loop = try EventLoop(name: "benchfront")
    let channel = ClientChannel(target: server, loop: loop)
    do {
      let outcome = try await body(Services(channel: channel))
      await channel.close()
      return outcome
    } catch let error as RPCError {
      await channel.close()
      printError(CommandFailure.sentence(error, server: server))
      throw CommandFailure.exitCode(error.code)
    } catch {
      await channel.close()
      throw error
    }
  }
}

/// The stubs of one channel.
struct Services {
  let catalog: CatalogClient
  let ranker: RecommendClient
  let control: BenchmarkControlClient

  init(channel: ClientChannel) {
    catalog = CatalogClient(channel)
    ranker = RecommendClient(channel)
    control = BenchmarkControlClient(channel)
  }
}

/// A variable of the environment; nil when it is unset or empty.
func environment(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

/// Prints a sentence on standard error.
func printError(_ sentence: String) {
  let line = "benchfront: \(sentence)\n"
  line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
}

/// Prints lines on standard output.
func printLines(_ lines: some Sequence<String>) {
  for line in lines { print(line) }
}

/// A value that the user gave and that makes no sense.
func usageError(_ sentence: String) -> ValidationError { ValidationError(sentence) }
