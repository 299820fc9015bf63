package import ArgumentParser
import BenchmarkDomain
import GRPCServices
import Glibc
import Logging
import Reactor

/// `benchfront-server`: the command line of the server.
package struct ServerCommand: AsyncParsableCommand {
  /// Name, abstract and subcommands.
  package static let configuration = CommandConfiguration(
    commandName: "benchfront-server",
    abstract: "Keeps the catalog, ranks it, and hands benchmark runs to agents.",
    version: Product.version,
    subcommands: [
      ServeCommand.self, MigrateCommand.self, ExportCommand.self, ImportCommand.self,
      TokenCommand.self,
    ])

  /// Made by the parser.
  package init() {}

  /// Parses the process's arguments, runs, and exits: 0 done, 1 failed, 2 wrong usage, 3 not found,
  /// 4 refused, 5 unavailable.
  package static func run() async -> Never {
    do {
      var command = try parseAsRoot()
      if var waiting = command as? any AsyncParsableCommand {
        try await waiting.run()
      } else {
        try command.run()
      }
      Glibc.exit(0)
    } catch let error as StartupError {
      writeLine("benchfront-server: \(error.message)", to: 2)
      Glibc.exit(error.kind.rawValue)
    } catch {
      let isHelp = exitCode(for: error) == .success
      writeLine(fullMessage(for: error), to: isHelp ? 1 : 2)
      Glibc.exit(isHelp ? 0 : StartupError.Kind.usage.rawValue)
    }
  }
}

/// `benchfront-server serve`.
package struct ServeCommand: AsyncParsableCommand {
  /// Name and abstract.
  package static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves until SIGINT or SIGTERM.",
    discussion: """
      Each flag can also be given in the environment: BENCHFRONT_LISTEN, \
      BENCHFRONT_LISTEN_CLEARTEXT and BENCHFRONT_METRICS_LISTEN (separated by commas), \
      BENCHFRONT_TLS_CERT, BENCHFRONT_TLS_KEY, BENCHFRONT_CLIENT_CA, BENCHFRONT_ACCESS_FILE, \
      BENCHFRONT_WEB_ORIGIN (separated by commas), BENCHFRONT_DATA_DIR, BENCHFRONT_POSTGRES, \
      BENCHFRONT_DATABASE_WAIT, BENCHFRONT_REDIS, BENCHFRONT_KEEP_SAMPLES, \
      BENCHFRONT_KEEP_AUDIT, BENCHFRONT_LOOPS, \
      BENCHFRONT_LEASE_DURATION, BENCHFRONT_DRAIN_DELAY, BENCHFRONT_DRAIN_GRACE, \
      BENCHFRONT_CALLS_PER_SECOND, BENCHFRONT_LIMITS (NAME=VALUE, separated by commas), \
      BENCHFRONT_LOAD_REPORTS, BENCHFRONT_LOG_LEVEL, and (true or false) \
      BENCHFRONT_COMPRESS_ANSWERS, BENCHFRONT_INSECURE_ALLOW_CLEARTEXT_ON_NETWORK and \
      BENCHFRONT_INSECURE_ALLOW_METRICS_ON_NETWORK. A flag wins.
      """)

  @Option(
    name: .long,
    help: .init(
      "HOST:PORT or unix:PATH to serve on; repeatable. (default: 127.0.0.1:50051)",
      valueName: "address"))
  var listen: [String] = []

  @OptionGroup(title: "Security") var security: SecurityOptions

  @Option(
    name: .long,
    help: .init(
      """
      HOST:PORT or unix:PATH of /metrics, /healthz and /readyz over HTTP/1.1; repeatable. Whoever \
      reaches it reads it: it speaks no TLS and asks nobody who calls.
      """, valueName: "address"))
  var metricsListen: [String] = []

  @OptionGroup(title: "Data") var data: StoreOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: .init("Event loops, 1 to 1,024. (default: one a core)", valueName: "number"))
  var loops: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      "Seconds without a word after which an agent's batch goes to another. (default: 30)",
      valueName: "seconds"))
  var leaseDuration: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      """
      Seconds in which everything is served as before once the server is told to stop, while \
      /readyz and health checks say that it is not ready. (default: 0)
      """, valueName: "seconds"))
  var drainDelay: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      """
      Seconds that open calls may go on behind that; five more, and the process ends whatever it \
      does. (default: 10)
      """, valueName: "seconds"))
  var drainGrace: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      "Calls a second that one client address may make. (default: any number)", valueName: "number")
  )
  var callsPerSecond: Double?

  @OptionGroup(title: "Transport limits") var limits: LimitOptions

  @Flag(
    name: .long,
    help: """
      Compress answers (gzip, each message) for clients that take it. It saves the network's bytes \
      at the price of the server's CPU.
      """)
  var compressAnswers = false

  @Option(
    name: .long,
    help: .init(
      """
      Which calls end with a report of the server's load (ORCA, endpoint-load-metrics-bin): none, \
      asking (those with endpoint-load-metrics-format: bin), or all. (default: asking)
      """, valueName: "which"))
  var loadReports: String?

  @Option(
    name: .long,
    help: .init(
      "trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level")
  )
  var logLevel: String?

  @Flag(
    name: .long,
    help: "Serve cleartext, without passwords, on addresses that other machines can reach.")
  var insecureAllowCleartextOnNetwork = false

  @Flag(
    name: .long,
    help: "Serve metrics and probes, to whoever comes, on addresses that other machines can reach.")
  var insecureAllowMetricsOnNetwork = false

  /// Made by the parser.
  package init() {}

  /// Serves until a signal.
  package mutating func run() async throws {
    if limits.wantsHelp { throw CleanExit.message(TransportLimits.help) }
    let settings = try await settings(Environment.process)
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = settings.logLevel
      return handler
    }
    try await ServerProcess(settings).run()
  }

  /// Flags, else the environment, else the defaults.
  func settings(_ environment: Environment) async throws(StartupError) -> ServerSettings {
    let texts = listen.isEmpty ? environment.list("LISTEN") ?? [] : listen
    let addresses = try await Self.addresses(
      texts.isEmpty ? [ServerSettings.defaultAddress] : texts)
    let cleartext = try await Self.addresses(
      security.listenCleartext.isEmpty
        ? environment.list("LISTEN_CLEARTEXT") ?? [] : security.listenCleartext)
    let metricsAddresses = try await Self.addresses(
      metricsListen.isEmpty ? environment.list("METRICS_LISTEN") ?? [] : metricsListen)
    let loopText = loops.map(String.init) ?? environment["LOOPS"]
    let levelText = logLevel ?? environment["LOG_LEVEL"] ?? "info"
    guard let level = Logger.Level(rawValue: levelText) else {
      throw StartupError(.usage, "'\(levelText)' is not a log level, such as info or debug")
    }
    // `||` would hide the error's type.
    let cleartextFlag = try environment.flag("INSECURE_ALLOW_CLEARTEXT_ON_NETWORK")
    let metricsFlag = try environment.flag("INSECURE_ALLOW_METRICS_ON_NETWORK")
    let compressFlag = try environment.flag("COMPRESS_ANSWERS")
    let place = try data.place.found(environment)
    var settings = ServerSettings(
      listen: addresses, dataFolder: place.folder,
      loopCount: try Self.loopCount(loopText),
      allowsCleartextOnNetwork: insecureAllowCleartextOnNetwork || cleartextFlag,
      drainGrace: try Self.drainTime(
        "grace", drainGrace?.description ?? environment["DRAIN_GRACE"], .seconds(10)),
      leaseDuration: try Self.duration(leaseDuration?.description ?? environment["LEASE_DURATION"]),
      logLevel: level, metricsListen: metricsAddresses,
      callsPerSecond: try Self.rate(
        callsPerSecond?.description ?? environment["CALLS_PER_SECOND"]),
      tls: try security.settings(environment), listenCleartext: cleartext,
      accessFile: security.accessFile ?? environment["ACCESS_FILE"],
      webOrigins: try security.webOrigins(environment),
      loadReports: try Self.audience(loadReports ?? environment["LOAD_REPORTS"]),
      transport: try limits.configuration(environment),
      allowsMetricsOnNetwork: insecureAllowMetricsOnNetwork || metricsFlag,
      drainDelay: try Self.drainTime(
        "delay", drainDelay?.description ?? environment["DRAIN_DELAY"], .zero),
      postgres: place.postgres, redis: try data.redisURL(environment),
      retention: try data.retention(environment))
    settings.databaseWait = try data.waitingTime(environment)
    settings.transport.compressesResponses = compressAnswers || compressFlag
    return settings
  }

  private static func addresses(_ texts: [String]) async throws(StartupError) -> [SocketAddress] {
    var found: [SocketAddress] = []
    for text in texts { found += try await addresses(text) }
    return found
  }

  private static func addresses(_ text: String) async throws(StartupError) -> [SocketAddress] {
    if let address = try? SocketAddress.parse(text) { return [address] }
    do {
      return Array(try await SocketAddress.resolve(text).prefix(1))
    } catch let error as ReactorError {
      throw StartupError(.usage, error.message)
    } catch {
      throw StartupError(.usage, "'\(text)' is not HOST:PORT or unix:PATH")
    }
  }

  private static func duration(_ text: String?) throws(StartupError) -> Duration {
    guard let text else { return .seconds(30) }
    guard let seconds = Double(text), (0...86_400).contains(seconds) else {
      throw StartupError(.usage, "'\(text)' is not a lease duration from 0.5 to 86400 seconds")
    }
    return .milliseconds(Int64(seconds * 1_000))
  }

  private static func drainTime(
    _ name: String, _ text: String?, _ usual: Duration
  ) throws(StartupError) -> Duration {
    guard let text else { return usual }
    guard let seconds = Double(text), (0...3_600).contains(seconds) else {
      throw StartupError(.usage, "'\(text)' is not a drain \(name) from 0 to 3600 seconds")
    }
    return .milliseconds(Int64(seconds * 1_000))
  }

  private static func rate(_ text: String?) throws(StartupError) -> Double? {
    guard let text else { return nil }
    guard let rate = Double(text), (0.001...1e9).contains(rate) else {
      throw StartupError(.usage, "'\(text)' is not a number of calls from 0.001 to 1e9 a second")
    }
    return rate
  }

  private static func audience(
    _ text: String?
  ) throws(StartupError) -> LoadReportInterceptor.Audience? {
    guard let text else { return .asking }
    if text == "none" { return nil }
    guard let audience = LoadReportInterceptor.Audience(rawValue: text) else {
      throw StartupError(.usage, "'\(text)' is none of none, asking and all")
    }
    return audience
  }

  private static func loopCount(_ text: String?) throws(StartupError) -> Int? {
    guard let text else { return nil }
    guard let count = Int(text), (1...1_024).contains(count) else {
      throw StartupError(.usage, "'\(text)' is not a number of loops from 1 to 1,024")
    }
    return count
  }
}
