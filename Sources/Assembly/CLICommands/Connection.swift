import APIBindings
import ArgumentParser
import ClientFlags
import GRPC
import Glibc
import Logging
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
  @Option(
    help: .init(
      "Address of the server, or several: a:1,b:2; without it BENCHFRONT_SERVER's.",
      valueName: "address"))
  var server = environmentVariable("BENCHFRONT_SERVER") ?? "127.0.0.1:50051"

  @Option(
    help: .init(
      "How several servers are used: \(LoadBalancing.names); BENCHFRONT_LOAD_BALANCING.",
      valueName: "policy"))
  var loadBalancing = environmentVariable("BENCHFRONT_LOAD_BALANCING") ?? "pick_first"

  @OptionGroup(title: "Security") var security: SecurityOptions

  @Option(help: .init("How to print.", valueName: "format"))
  var output = OutputFormat.table

  @Flag(help: "Log each call on standard error: its status, time, attempts and trace.")
  var verbose = false

  func validate() throws {
    do {
      _ = try Target(parsing: server)
    } catch {
      throw usageError("--server: \(error.message)")
    }
    guard LoadBalancing(rawValue: loadBalancing) != nil else {
      throw usageError("--load-balancing is \(LoadBalancing.names)")
    }
  }

  private static var verboseLogger: Logger {
    var logger = Logger(
      label: "benchfront", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .debug
    return logger
  }

  /// Runs `body` with a channel to the server; turns what goes wrong into one sentence on standard
  /// error and the exit code that stands for it.
  func connected<Outcome>(_ body: (Services) async throws -> Outcome) async throws -> Outcome {
    var configuration = ClientConfiguration()
    configuration.tls = try security.clientTLS()
    configuration.loadBalancing = LoadBalancing(rawValue: loadBalancing) ?? .pickFirst
    configuration.observeCalls(verbose ? Self.verboseLogger : nil)
    if let token = security.bearerToken {
      configuration.interceptors.append(BearerTokenInterceptor(token: token))
    }
    let loop = try EventLoop(name: "benchfront")
    let channel = ClientChannel(target: server, loop: loop, configuration: configuration)
    do {
      let outcome = try await body(Services(channel: channel))
      await channel.close()
      return outcome
    } catch let error as RPCError {
      await channel.close()
      let failure = CommandFailure(error, server: server)
      printError(failure.sentence)
      throw failure.exitCode
    } catch let refusal as FileRefusal {
      await channel.close()
      printError(refusal.sentence)
      throw ExitCode(4)
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

/// Prints a sentence on standard error.
func printError(_ sentence: String) {
  let line = "benchfront: \(Format.plain(sentence))\n"
  line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
}

/// Prints lines on standard output, at once also where that is a pipe.
func printLines(_ lines: some Sequence<String>) {
  for line in lines { print(Format.plain(line)) }
  fflush(nil)
}

/// Prints one JSON document on standard output, at once also where that is a pipe.
func printDocument(_ value: JSONValue) {
  print(value.text())
  fflush(nil)
}

/// A value that the user gave and that makes no sense.
func usageError(_ sentence: String) -> ValidationError { ValidationError(sentence) }
