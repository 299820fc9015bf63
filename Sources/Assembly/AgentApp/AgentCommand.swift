package import ArgumentParser
import BenchmarkDomain
import ClientFlags
import EngineControl
import GRPC
import Glibc
import LoadGenerator
import Logging
import Reactor
import SampleSpool
import Synchronization

/// `benchfront-agent`: measures what the server leases to it.
package struct AgentCommand: AsyncParsableCommand {
  /// What help prints.
  package static let configuration = CommandConfiguration(
    commandName: "benchfront-agent", abstract: "Measures what a benchfront-server leases to it.",
    version: Product.version, subcommands: [Run.self])

  /// Makes the command; the parser fills it in.
  package init() {}

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Measure until stopped.",
      discussion: """
        Give --endpoint for an engine that runs already, or --engine llama.cpp with \
        --engine-binary, --weights and --model for one that the agent starts and stops.

        Exit codes: 0 stopped with nothing left to do, 1 failed or refused by the server, 2 wrong \
        usage, 5 the engine or the spool is unavailable, 75 stopped with work left: start it again \
        with the same --spool and it goes on; 130 and 143 ended at once by a second signal.
        """)

    @Option(
      help: .init(
        "Address of the server, or several: a:1,b:2; BENCHFRONT_SERVER in the environment.",
        valueName: "address"))
    var server = environmentVariable("BENCHFRONT_SERVER") ?? "127.0.0.1:50051"
    @Option(
      help: .init(
        "How several servers are used: \(LoadBalancing.names); BENCHFRONT_LOAD_BALANCING.",
        valueName: "policy"))
    var loadBalancing = environmentVariable("BENCHFRONT_LOAD_BALANCING") ?? "pick_first"
    @OptionGroup(title: "Security") var security: SecurityOptions
    @Option(
      help: .init(
        "Folder of what is measured and not acknowledged; BENCHFRONT_SPOOL in the environment.",
        valueName: "folder"))
    var spool = environmentVariable("BENCHFRONT_SPOOL") ?? "benchfront-spool"
    @Option(help: "Engine that it drives, as the catalog names it, e.g. vllm.")
    var engine: String
    @Option(
      help: .init(
        "Address of an engine that runs already, e.g. http://127.0.0.1:8000.", valueName: "url"))
    var endpoint: String?
    @Option(
      help: .init(
        "The model's name as the endpoint knows it, when it is not the model's id.",
        valueName: "name"))
    var modelName: String?
    @Option(help: .init("llama-server's program, for --engine llama.cpp.", valueName: "file"))
    var engineBinary: String?
    @Option(
      help: .init(
        "Folder of MODEL-QUANTIZATION.gguf files, for --engine llama.cpp.", valueName: "folder"))
    var weights: String?
    @Option(help: "Hardware profile that this machine is; repeat for several.")
    var hardware: [String] = []
    @Option(help: "Model that it serves; any without. Repeat for several.")
    var model: [String] = []
    @Option(help: "Quantization that it serves; any without. Repeat for several.")
    var quantization: [String] = []
    @Option(help: .init("Interface to drive: completions or chat.", valueName: "interface"))
    var api = "completions"
    @Option(
      parsing: .unconditional,
      help: .init("Seconds after which a request counts as timed out.", valueName: "seconds"))
    var requestTimeout = 300.0
    @Option(
      help: .init(
        """
        trace, debug (which tells of every call to the server), info, notice, warning, error or \
        critical; BENCHFRONT_LOG_LEVEL in the environment.
        """, valueName: "level"))
    var logLevel = environmentVariable("BENCHFRONT_LOG_LEVEL") ?? "info"

    func run() async throws {
      let settings = try settings()
      var logger = Logger(
        label: "benchfront-agent", factory: { StreamLogHandler.standardError(label: $0) })
      logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
      let agent: BenchmarkAgent
      do {
        agent = try await BenchmarkAgent(settings, logger: logger) { [logger] in
          logger.info("\($0)")
        }
      } catch {
        throw Self.failure(error)
      }
      try await work(agent, logger)
    }

    /// Runs until a signal; the session stays open while the agent takes leave. A second signal
    /// ends the process at once.
    private func work(_ agent: BenchmarkAgent, _ logger: Logger) async throws {
      let loop = try EventLoop(name: "signals")
      let (arrivals, arrived) = AsyncStream.makeStream(of: Int32.self)
      let seen = SignalMemory()
      let signals = try SignalSource([SIGTERM, SIGINT], loop: loop) { signal in
        if seen.isFirst() { arrived.yield(signal) } else { _exit(128 + signal) }
      }
      defer { signals.cancel() }
      let hadWork = try await withThrowingTaskGroup(of: Bool.self) { group in
        defer { group.cancelAll() }
        group.addTask {
          try await agent.run()
          return false
        }
        group.addTask {
          for await _ in arrivals { break }
          logger.info("stopping")
          return await agent.stop()
        }
        do {
          return try await group.next() ?? false
        } catch {
          _ = await agent.stop()
          throw Self.failure(error)
        }
      }
      await agent.close()
      guard hadWork else { return logger.info("stopped, nothing is left to do") }
      logger.info(
        "stopped with work left: start it again with the same --spool to go on (exit code 75)")
      throw ExitCode(75)
    }

    /// Refuses wrong flags while the parser knows whose they are, so that it names this help.
    func validate() throws {
      guard CompletionAPI(rawValue: api) != nil else {
        throw ValidationError("--api is completions or chat")
      }
      guard (0.001...86_400).contains(requestTimeout) else {
        throw ValidationError("--request-timeout lies between 0.001 and 86,400 seconds")
      }
      guard Logger.Level(rawValue: logLevel) != nil else {
        throw ValidationError("--log-level '\(logLevel)' is none, such as info or debug")
      }
      do {
        _ = try Target(parsing: server)
      } catch {
        throw ValidationError("--server: \(error.message)")
      }
      guard LoadBalancing(rawValue: loadBalancing) != nil else {
        throw ValidationError("--load-balancing is \(LoadBalancing.names)")
      }
      for id in quantization where Quantization.known(id) == nil {
        throw ValidationError(
          "--quantization \(id) is not known"
            + NameHint.text(
              for: id, among: Quantization.known.map(\.id)))
      }
      guard !hardware.isEmpty else {
        throw ValidationError("say with --hardware which profile this machine is")
      }
      _ = try source()
    }

    private func settings() throws -> AgentSettings {
      AgentSettings(
        server: server, spoolFolder: spool, engineID: engine, source: try source(),
        hardwareIDs: hardware, modelIDs: model, quantizationIDs: quantization,
        api: CompletionAPI(rawValue: api) ?? .completions,
        requestTimeout: .milliseconds(Int64(requestTimeout * 1_000)),
        loadBalancing: LoadBalancing(rawValue: loadBalancing) ?? .pickFirst,
        tls: try security.clientTLS(),
        token: security.bearerToken)
    }

    private func source() throws -> EngineSource {
      if let endpoint {
        guard ["http://", "https://"].contains(where: endpoint.hasPrefix) else {
          throw ValidationError(
            "--endpoint is a URL such as http://127.0.0.1:8000, not '\(endpoint)'")
        }
        return .endpoint(endpoint, modelName: modelName)
      }
      guard engine == "llama.cpp" else {
        throw ValidationError("--engine \(engine) must run already: give its --endpoint")
      }
      guard let engineBinary else { throw ValidationError("--engine-binary is missing") }
      guard let weights else { throw ValidationError("--weights is missing") }
      guard !model.isEmpty else { throw ValidationError("say with --model what the weights are") }
      return .llamaServer(binary: engineBinary, weights: weights)
    }

    /// One plain sentence on standard error, and the exit code.
    private static func failure(_ error: any Error) -> ExitCode {
      let (sentence, code): (String, Int32) =
        switch error {
        case let error as SpoolError: (error.message, 5)
        case let error as EngineError: (error.message, 5)
        case let error as RPCError: ("the server refuses this agent: \(error.message)", 1)
        default: ("\(error)", 1)
        }
      let line = "benchfront-agent: \(sentence)\n"
      line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
      return ExitCode(code)
    }
  }

  /// Parses the arguments, runs, and ends the process with one of the documented exit codes.
  package static func runToExit() async -> Never {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit(withError: nil)
    } catch {
      // The parser says 64 (EX_USAGE) for wrong usage; ours is 2.
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      let line = fullMessage(for: error) + "\n"
      line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
      exit(withError: ExitCode(2))
    }
  }
}

/// Remembers whether a signal came before.
private final class SignalMemory: Sendable {
  private let seen = Atomic(false)

  func isFirst() -> Bool { !seen.exchange(true, ordering: .relaxed) }
}
