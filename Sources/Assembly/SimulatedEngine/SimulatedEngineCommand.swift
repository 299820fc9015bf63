package import ArgumentParser
import BenchmarkDomain
import Glibc
import Reactor

/// `benchfront-simengine`: serves until SIGINT or SIGTERM.
package struct SimulatedEngineCommand: AsyncParsableCommand {
  /// How the command is named and what it is for.
  package static let configuration = CommandConfiguration(
    commandName: "benchfront-simengine",
    abstract: "An OpenAI-compatible engine with known timing, for trials and tests.",
    discussion: """
      It writes nonsense after a stated model of time; every answer says that it is simulated, and \
      agents mark what they measure on it so.

      The model of time: --ttft and --itl hold for one request alone in 16 bits on an L4. With n \
      requests served together the time to first token is ttft * P / S * (0.5 + 0.5 * prompt \
      tokens / 64) * (1 + 0.25 * (n - 1)), the gap itl * (D + G * (n - 1)) / S. P, D and G by \
      quantization: \(ServiceTimeModel.costTable); 1, 1 and 0.05 for any other. S by hardware: \
      \(ServiceTimeModel.speedTable); 1 for any other, and 1.7 times as much with each doubling of \
      the accelerators. Quantization and hardware come with the agent's requests.
      """,
    version: Product.version)

  @Option(help: .init("Address to listen on; port 0 takes a free one.", valueName: "address"))
  var listen = "127.0.0.1:8800"

  @Option(
    parsing: .unconditional,
    help: .init(
      "Time to first token in milliseconds: one request alone, 64 prompt tokens.",
      valueName: "milliseconds"))
  var ttft = 40.0

  @Option(
    name: [.long, .customLong("tpot")], parsing: .unconditional,
    help: .init("Gap between tokens in milliseconds: one request alone.", valueName: "milliseconds")
  )
  var itl = 10.0

  @Option(help: "Name of the model that it claims to serve.")
  var model = "simulated"

  @Option(
    parsing: .unconditional,
    help: .init("Requests that it serves together; further ones wait.", valueName: "number"))
  var maxBatch = 64

  @Option(
    help: .init(
      "What it does wrong: \(Misbehaviour.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "kind"))
  var misbehave: String?

  @Option(
    parsing: .unconditional,
    help: .init("How many requests there are to each that it does wrong.", valueName: "number"))
  var misbehaveEvery = 1

  /// Makes a command with every option at its default.
  package init() {}

  /// Parses the process's arguments, serves, and exits: 0 done, 2 wrong usage, 5 unavailable.
  package static func launch() async -> Never {
    do {
      let command = try parse()
      try await command.run()
      exit(withError: nil)
    } catch let error as ReactorError {
      Self.say("benchfront-simengine: \(error.message)")
      exit(withError: ExitCode(5))
    } catch {
      // The parser says 64 (EX_USAGE) for wrong usage; ours is 2.
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      Self.say(fullMessage(for: error))
      exit(withError: ExitCode(2))
    }
  }

  private static func say(_ text: String) {
    (text + "\n").withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
  }

  /// Refuses what the model of time cannot take.
  package func validate() throws {
    for (name, value) in [("--ttft", ttft), ("--itl", itl)]
    where !(value >= 0 && value <= 3_600_000) {
      throw ValidationError("\(name) must be from 0 to 3600000 milliseconds.")
    }
    do { _ = try SocketAddress.parse(listen) } catch {
      throw ValidationError("--listen: \(error.message)")
    }
    guard (1...1_000_000).contains(maxBatch) else {
      throw ValidationError("--max-batch must be from 1 to 1000000.")
    }
    guard (1...1_000_000).contains(misbehaveEvery) else {
      throw ValidationError("--misbehave-every must be from 1 to 1000000.")
    }
    if let misbehave, Misbehaviour(rawValue: misbehave) == nil {
      throw ValidationError("--misbehave does not know '\(misbehave)'.")
    }
  }

  /// Serves until it is told to stop.
  package func run() async throws {
    var settings = SimulatedServer.Configuration()
    settings.modelName = model
    settings.model = ServiceTimeModel(
      timeToFirstToken: .nanoseconds(Int64(ttft * 1_000_000)),
      interTokenLatency: .nanoseconds(Int64(itl * 1_000_000)), maxBatch: maxBatch)
    settings.misbehaviour = misbehave.flatMap { Misbehaviour(rawValue: $0) }
    settings.misbehaviourPeriod = misbehaveEvery
    // One loop: its batch is the engine's batch.
    let group = try EventLoopGroup(count: 1, name: "simengine")
    let server = SimulatedServer(configuration: settings, group: group)
    let address = try server.listen(on: .parse(listen))
    let (stops, stop) = AsyncStream.makeStream(of: Void.self)
    let signals = try SignalSource([SIGINT, SIGTERM], loop: group.loops[0]) { _ in stop.finish() }
    print("benchfront-simengine listens on \(address)")
    fflush(nil)
    for await _ in stops {}
    signals.cancel()
    server.close()
    group.shutdown()
  }
}
