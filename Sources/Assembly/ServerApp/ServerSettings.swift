package import GRPC
package import GRPCServices
package import Logging
package import Reactor
package import RedisClient
package import Storage
package import TLS

/// Where a server listens, where it keeps its data, and how much of the machine it takes.
package struct ServerSettings: Sendable {
  /// Addresses to serve on; port 0 takes any free one. With `tls` those of TCP speak it.
  package var listen: [SocketAddress]
  /// Further addresses to serve on, in cleartext even with `tls`.
  package var listenCleartext: [SocketAddress]
  /// What is shown to clients over TLS, and asked of them; nil for cleartext everywhere.
  package var tls: TLSServerSettings?
  /// Addresses of metrics and probes over HTTP/1.1; empty for none.
  package var metricsListen: [SocketAddress]
  /// Calls a second that one client address may make; nil for any number.
  package var callsPerSecond: Double?
  /// File that says who may do what; nil to let everybody do everything.
  package var accessFile: String?
  /// Whose pages may call by gRPC-Web; nil for nobody.
  package var webOrigins: WebOrigins?
  /// Which calls end with a report of the server's load; nil for none.
  package var loadReports: LoadReportInterceptor.Audience?
  /// The bounds of the transport; what else it needs, the server adds.
  package var transport: ServerConfiguration
  /// Folder of the SQLite store; made when it is missing. Without meaning beside `postgres`.
  package var dataFolder: String
  /// Connection string of the database that holds the data instead; nil for the folder.
  package var postgres: String?
  /// How long samples and audit records are kept.
  package var retention: Retention
  /// Longest that the start waits for a database that cannot be used; nil for ever.
  package var databaseWait: Duration?
  /// Redis that the servers of a database share; nil for none.
  package var redis: RedisURL?
  /// Event loops; nil for one a core.
  package var loopCount: Int?
  /// Serves cleartext on addresses that other machines can reach.
  package var allowsCleartextOnNetwork: Bool
  /// Serves metrics and probes on addresses that other machines can reach.
  package var allowsMetricsOnNetwork: Bool
  /// How long everything is served as before once the server is told to stop, while it says that it
  /// is not ready.
  package var drainDelay: Duration
  /// How long calls may go on behind that.
  package var drainGrace: Duration
  /// Time after an agent's last word at which its batch goes to another.
  package var leaseDuration: Duration
  /// Least level that is logged.
  package var logLevel: Logger.Level

  /// The address that is served when none is named.
  package static let defaultAddress = "127.0.0.1:50051"

  /// How long audit records are kept unless something else is said: a year.
  package static let defaultAuditRetention = Duration.seconds(365 * 86_400)

  /// Makes settings.
  package init(
    listen: [SocketAddress], dataFolder: String, loopCount: Int? = nil,
    allowsCleartextOnNetwork: Bool = false, drainGrace: Duration = .seconds(10),
    leaseDuration: Duration = .seconds(30), logLevel: Logger.Level = .info,
    metricsListen: [SocketAddress] = [], callsPerSecond: Double? = nil,
    tls: TLSServerSettings? = nil, listenCleartext: [SocketAddress] = [],
    accessFile: String? = nil, webOrigins: WebOrigins? = nil,
    loadReports: LoadReportInterceptor.Audience? = .asking,
    transport: ServerConfiguration = ServerConfiguration(), allowsMetricsOnNetwork: Bool = false,
    drainDelay: Duration = .zero, postgres: String? = nil, redis: RedisURL? = nil,
    retention: Retention = Retention(audit: defaultAuditRetention)
  ) {
    (self.postgres, self.redis) = (postgres, redis)
    self.retention = retention
    self.drainDelay = drainDelay
    self.webOrigins = webOrigins
    self.allowsMetricsOnNetwork = allowsMetricsOnNetwork
    self.transport = transport
    self.loadReports = loadReports
    self.listen = listen
    self.tls = tls
    self.accessFile = accessFile
    self.listenCleartext = listenCleartext
    self.metricsListen = metricsListen
    self.callsPerSecond = callsPerSecond
    self.dataFolder = dataFolder
    self.loopCount = loopCount
    self.allowsCleartextOnNetwork = allowsCleartextOnNetwork
    self.drainGrace = drainGrace
    self.leaseDuration = leaseDuration
    self.logLevel = logLevel
  }

  /// Refuses settings that would serve the network without encryption unasked, or nobody.
  func check() throws(StartupError) {
    guard !listen.isEmpty else {
      throw StartupError(.usage, "there is no address to listen on")
    }
    guard (.milliseconds(500)...(.seconds(86_400))).contains(leaseDuration) else {
      throw StartupError(.usage, "the lease duration must be from 0.5 to 86400 seconds")
    }
    var known: Set<SocketAddress> = []
    for address in listeners.map(\.address) + metricsListen
    where address.port != 0 && !known.insert(address).inserted {
      throw StartupError(.usage, "\(address) is given twice")
    }
    for (address, isSecure) in listeners
    where !isSecure && !allowsCleartextOnNetwork && !address.isLocal {
      throw StartupError(
        .usage,
        "\(address) can be reached from the network, and this server would speak cleartext there: "
          + (tls == nil ? "give --tls-cert and --tls-key" : "serve it by --listen, with TLS")
          + ", listen on 127.0.0.1, [::1] or unix:PATH, or say "
          + "--insecure-allow-cleartext-on-network")
    }
    for address in metricsListen
    where !address.isLocal && !allowsMetricsOnNetwork && !allowsCleartextOnNetwork {
      throw StartupError(
        .usage,
        "\(address) can be reached from the network, and metrics and probes are served to whoever "
          + "comes, in cleartext: listen for them on 127.0.0.1, [::1] or unix:PATH, or say "
          + "--insecure-allow-metrics-on-network")
    }
  }

  /// Every address to serve on, and whether it speaks TLS: files of the machine's own need none.
  var listeners: [(address: SocketAddress, isSecure: Bool)] {
    listen.map { ($0, tls != nil && $0.port != nil) } + listenCleartext.map { ($0, false) }
  }
}

/// Why a server cannot start, or a command cannot be done.
package struct StartupError: Error, Sendable, Equatable {
  /// What the process exits with; DESIGN: "Fixed points".
  package enum Kind: Int32, Sendable {
    /// It did not come out as it must.
    case failed = 1
    /// It was asked for something that makes no sense.
    case usage = 2
    /// There is no such thing.
    case notFound = 3
    /// What is there, or a file's content, forbids it.
    case refused = 4
    /// Something that it needs cannot be had.
    case unavailable = 5
  }

  /// What the process exits with.
  package var kind: Kind
  /// One plain sentence.
  package var message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
