import ArgumentParser
import GRPC
import Glibc
import Reactor
import Storage
import Testing

@testable import ServerApp

@Suite("Flags and environment")
struct SettingsTests {
  private func settings(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) async throws -> ServerSettings {
    let command = try ServeCommand.parse(arguments)
    let settings = try await command.settings(Environment(environment))
    try settings.check()
    return settings
  }

  private func refusal(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) async throws -> StartupError? {
    do {
      _ = try await settings(arguments, environment)
      return nil
    } catch let error as StartupError { return error }
  }

  @Test("without anything said it serves loopback with the info level")
  func defaults() async throws {
    let settings = try await settings([])
    #expect(settings.listen.map(\.description) == ["127.0.0.1:50051"])
    #expect(settings.dataFolder == "benchfront-data")
    #expect(settings.loopCount == nil && settings.logLevel == .info)
    #expect(settings.drainDelay == .zero && settings.drainGrace == .seconds(10))
  }

  @Test("the environment counts where no flag is given")
  func precedence() async throws {
    let environment = [
      "LISTEN": "127.0.0.1:1, unix:/tmp/b.sock", "DATA_DIR": "/d", "LOOPS": "3",
      "LOG_LEVEL": "debug",
    ]
    let one = try await settings([], environment)
    #expect(one.listen.map(\.description) == ["127.0.0.1:1", "unix:/tmp/b.sock"])
    #expect(one.dataFolder == "/d" && one.loopCount == 3 && one.logLevel == .debug)
    let other = try await settings(
      ["--listen", "[::1]:0", "--loops", "2", "--data-dir", "/e", "--log-level", "error"],
      environment)
    #expect(other.listen.map(\.description) == ["[::1]:0"])
    #expect(other.dataFolder == "/e" && other.loopCount == 2 && other.logLevel == .error)
  }

  @Test("a database stands for the folder, by flag or environment; both are refused")
  func stores() async throws {
    let url = "postgresql://benchfront@db/benchfront"
    #expect(try await settings(["--postgres", url]).postgres == url)
    let named = try await settings([], ["POSTGRES": url, "REDIS": "redis://cache:1/2"])
    #expect(named.postgres == url && named.redis?.address == "cache:1")
    #expect(named.redis?.database == 2)
    // What a container's image sets yields to what its user says.
    #expect(try await settings(["--postgres", url], ["DATA_DIR": "/d"]).postgres == url)
    #expect(try await settings(["--data-dir", "/d"], ["POSTGRES": url]).postgres == nil)
    for (arguments, environment) in [
      (["--postgres", url, "--data-dir", "/d"], [:]),
      ([], ["POSTGRES": url, "DATA_DIR": "/d"]), (["--redis", "cache:1"], [:]),
      (["--redis", "rediss://cache:1"], [:]), ([], ["REDIS": "http://cache"]),
    ] as [([String], [String: String])] {
      #expect(try await refusal(arguments, environment)?.kind == .usage)
    }
  }

  @Test("samples are kept for ever and audit records for a year, or for an hour at least")
  func retention() async throws {
    #expect(try await settings([]).retention == Retention(audit: .seconds(365 * 86_400)))
    let both = ["--keep-samples", "90d", "--keep-audit", "2h"]
    let kept = Retention(samples: .seconds(90 * 86_400), audit: .seconds(7200))
    #expect(try await settings(both, ["KEEP_SAMPLES": "3h", "KEEP_AUDIT": "3h"]).retention == kept)
    #expect(
      try await settings([], ["KEEP_SAMPLES": "90d", "KEEP_AUDIT": "120min"]).retention == kept)
    for flag in ["--keep-samples", "--keep-audit"] {
      for text in ["90", "59min", "1y", "", "36501d", "for ever"] {
        #expect(try await refusal([flag, text])?.message.contains("such as 90d") == true)
      }
    }
  }

  @Test("the start waits for its database for ever, or as long as it is told")
  func databaseWait() async throws {
    #expect(try await settings([]).databaseWait == nil)
    #expect(try await settings(["--database-wait", "0"]).databaseWait == .zero)
    #expect(try await settings([], ["DATABASE_WAIT": "1.5"]).databaseWait == .milliseconds(1500))
    for wait in ["-1", "nan", "86401"] {
      #expect(try await refusal([], ["DATABASE_WAIT": wait])?.kind == .usage)
    }
  }

  @Test("cleartext on the network is refused unless it is asked for by its blunt name")
  func network() async throws {
    for address in ["0.0.0.0:1", "*:1", "192.168.1.1:50051", "[::]:1", "[2001:db8::1]:1"] {
      let refused = try await refusal(["--listen", address])
      #expect(refused?.kind == .usage)
      #expect(refused?.message.contains("--insecure-allow-cleartext-on-network") == true)
      #expect(
        try await refusal(["--listen", address, "--insecure-allow-cleartext-on-network"]) == nil)
    }
    for address in ["127.8.9.1:1", "localhost:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix:/x"] {
      #expect(try await refusal(["--listen", address]) == nil)
    }
    let flag = "INSECURE_ALLOW_CLEARTEXT_ON_NETWORK"
    #expect(try await refusal(["--listen", "0.0.0.0:1"], [flag: "true"]) == nil)
    #expect(try await refusal(["--listen", "0.0.0.0:1"], [flag: "perhaps"])?.kind == .usage)
  }

  @Test("metrics and probes on the network are refused likewise, TLS or not")
  func metricsOnNetwork() async throws {
    let certificate = ["--tls-cert", "/c.pem", "--tls-key", "/k.pem"]
    for address in ["0.0.0.0:9464", "[::]:9464", "10.0.0.1:9464"] {
      let flags = ["--metrics-listen", address]
      let refused = try await refusal(certificate + flags)
      #expect(refused?.kind == .usage)
      #expect(refused?.message.contains("--insecure-allow-metrics-on-network") == true)
      #expect(try await refusal(flags + ["--insecure-allow-metrics-on-network"]) == nil)
      #expect(try await refusal(flags + ["--insecure-allow-cleartext-on-network"]) == nil)
      #expect(try await refusal(flags, ["INSECURE_ALLOW_METRICS_ON_NETWORK": "true"]) == nil)
    }
    // It does not open the calls' own listeners.
    let flags = ["--listen", "0.0.0.0:1", "--insecure-allow-metrics-on-network"]
    #expect(try await refusal(flags)?.kind == .usage)
    for address in ["127.0.0.1:9", "[::1]:9", "unix:/m"] {
      #expect(try await refusal(["--metrics-listen", address]) == nil)
    }
  }

  @Test("with a certificate every TCP address speaks TLS; cleartext is asked for by its own flag")
  func tls() async throws {
    let certificate = ["--tls-cert", "/c.pem", "--tls-key", "/k.pem"]
    let settings = try await settings(
      certificate + [
        "--listen", "0.0.0.0:1", "--listen", "unix:/x", "--client-ca", "/ca.pem",
        "--listen-cleartext", "127.0.0.1:2", "--listen-cleartext", "unix:/y",
      ])
    #expect(settings.tls?.keyPair.certificateFile == "/c.pem")
    #expect(settings.tls?.keyPair.keyFile == "/k.pem")
    #expect(settings.tls?.clientCAFile == "/ca.pem")
    #expect(settings.listeners.map(\.isSecure) == [true, false, false, false])
    #expect(settings.listeners.map(\.address.description).last == "unix:/y")
    let environment = try await self.settings(
      [],
      [
        "TLS_CERT": "/c", "TLS_KEY": "/k", "CLIENT_CA": "/a", "LISTEN_CLEARTEXT": "unix:/z",
      ])
    #expect(environment.tls?.clientCAFile == "/a")
    #expect(environment.listeners.map(\.isSecure) == [true, false])
    let refused = try await refusal(certificate + ["--listen-cleartext", "0.0.0.0:1"])
    #expect(refused?.message.contains("--insecure-allow-cleartext-on-network") == true)
    #expect(try await refusal(["--tls-cert", "/c.pem"])?.kind == .usage)
    #expect(try await refusal(["--tls-key", "/k.pem"])?.kind == .usage)
    #expect(try await refusal(["--client-ca", "/ca.pem"])?.kind == .usage)
  }

  @Test("origins of pages are named by flags, or in the environment, and nobody's by default")
  func webOrigins() async throws {
    #expect(try await settings([]).webOrigins == nil)
    var expected = WebOrigins()
    for text in ["https://dash.example", "http://localhost:8080"] { _ = expected.allow(text) }
    let flags = ["--web-origin", "https://dash.example", "--web-origin", "http://localhost:8080"]
    #expect(try await settings(flags).webOrigins == expected)
    let environment = ["WEB_ORIGIN": "https://Dash.example:443, http://localhost:8080"]
    #expect(try await settings([], environment).webOrigins == expected)
    _ = expected.allow("*")
    #expect(try await settings(flags + ["--web-origin", "*"]).webOrigins == expected)
    for wrong in ["dash.example", "https://dash.example/", "null", ""] {
      let refused = try await refusal(["--web-origin", wrong])
      #expect(refused?.kind == .usage)
      #expect(refused?.message.contains("'\(wrong)' is not an origin") == true)
    }
  }

  @Test("what makes no sense is wrong usage")
  func usage() async throws {
    #expect(try await refusal(["--listen", "nonsense"])?.kind == .usage)
    #expect(try await refusal(["--listen", "127.0.0.1:70000"])?.kind == .usage)
    #expect(try await refusal(["--loops", "0"])?.kind == .usage)
    #expect(try await refusal([], ["LOOPS": "many"])?.kind == .usage)
    #expect(try await refusal(["--log-level", "loud"])?.kind == .usage)
    #expect(try await refusal(["--calls-per-second", "0"])?.kind == .usage)
    #expect(try await refusal([], ["CALLS_PER_SECOND": "nan"])?.kind == .usage)
    #expect(try await refusal(["--load-reports", "some"])?.kind == .usage)
    #expect(try await refusal(["--drain-grace", "-1"])?.kind == .usage)
    #expect(try await refusal([], ["DRAIN_GRACE": "inf"])?.kind == .usage)
    #expect(try await refusal(["--drain-delay", "3601"])?.kind == .usage)
    #expect(try await refusal([], ["DRAIN_DELAY": "soon"])?.kind == .usage)
  }

  @Test("every variable that the help names reaches the settings")
  func processEnvironment() async throws {
    setenv("BENCHFRONT_LEASE_DURATION", "7.5", 1)
    setenv("BENCHFRONT_DRAIN_GRACE", "2.5", 1)
    setenv("BENCHFRONT_DRAIN_DELAY", "1.5", 1)
    setenv("BENCHFRONT_METRICS_LISTEN", "127.0.0.1:9,unix:/m", 1)
    defer {
      unsetenv("BENCHFRONT_LEASE_DURATION")
      unsetenv("BENCHFRONT_DRAIN_GRACE")
      unsetenv("BENCHFRONT_DRAIN_DELAY")
      unsetenv("BENCHFRONT_METRICS_LISTEN")
    }
    let settings = try await ServeCommand.parse([]).settings(.process)
    #expect(settings.leaseDuration == .milliseconds(7_500))
    #expect(settings.drainGrace == .milliseconds(2_500))
    #expect(settings.drainDelay == .milliseconds(1_500))
    #expect(settings.metricsListen.map(\.description) == ["127.0.0.1:9", "unix:/m"])
  }
}
