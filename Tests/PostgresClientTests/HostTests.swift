import Foundation
import Glibc
import Reactor
import Testing

@testable import PostgresClient

@Suite("Connection strings", .serialized)
struct HostTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "hosts") }

  private func candidates(_ text: String) async throws -> [String] {
    try await ConnectionString(parsing: text).candidates().map { string in
      ["host", "hostaddr", "port", "target_session_attrs"].map { string[$0] ?? "" }
        .joined(separator: " ")
    }
  }

  @Test("hosts are tried in their order, each address with its port")
  func order() async throws {
    #expect(
      try await candidates("host=127.0.0.1,/run,::1 port=1,2,3") == [
        "127.0.0.1 127.0.0.1 1 ", "/run  2 ", "::1  3 ",
      ])
    #expect(
      try await candidates("postgresql://127.0.0.1:7,127.0.0.2:8/x?hostaddr=127.0.0.3,127.0.0.4")
        == ["127.0.0.1 127.0.0.3 7 ", "127.0.0.2 127.0.0.4 8 "])
    #expect(try await candidates("hostaddr=127.0.0.9 port=5") == [" 127.0.0.9 5 "])
    #expect(try await candidates("user=x") == ["   "])
    #expect(
      try await candidates("host=no.such.host.invalid,127.0.0.1 port=9") == [
        "127.0.0.1 127.0.0.1 9 "
      ])
    let error = await failure { _ = try await candidates("host=a,b,c port=1,2") }
    #expect(error?.message == "3 hosts, 0 addresses and 2 ports do not match")
  }

  @Test("a standby that is only preferred takes two rounds")
  func preferredStandby() async throws {
    #expect(
      try await candidates("host=127.0.0.1,127.0.0.2 target_session_attrs=prefer-standby") == [
        "127.0.0.1 127.0.0.1  standby", "127.0.0.2 127.0.0.2  standby",
        "127.0.0.1 127.0.0.1  any", "127.0.0.2 127.0.0.2  any",
      ])
  }

  @Test("the string's time for each host, or an even share of what is left")
  func attemptTimes() throws {
    let now = loop.now()
    func share(_ text: String, _ place: Int, of count: Int) throws -> Duration {
      AttemptLimit(
        of: try ConnectionString(parsing: text), place, of: count,
        until: now.advanced(by: .seconds(6))
      ).end(from: now).duration(since: now)
    }
    #expect(try share("host=a", 0, of: 3) == .seconds(2))
    #expect(try share("host=a", 2, of: 3) == .seconds(6))
    #expect(try share("host=a connect_timeout=10", 0, of: 3) == .seconds(10))
    #expect(try share("host=a connect_timeout=1", 0, of: 3) == .seconds(2))
    #expect(try share("host=a connect_timeout=0", 0, of: 2) == .seconds(3))
  }

  @Test("what libpq quotes of a string is not repeated: it may be a password")
  func redaction() async throws {
    for text in [
      "password=my s3cret", "postgresql://u@h/d?s3cret", "host=h s3cret=1 x",
      "password=a\"s3cret\" b",
    ] {
      let error = await failure { _ = try ConnectionString(parsing: text) }
      #expect(error?.message.contains("makes no sense") == true)
      #expect(error?.message.contains("s3cret") == false)
    }
  }

  @Test("a piece of a password that a URL makes a host or a port of is not repeated")
  func misplacedPasswords() async throws {
    for text in [
      "postgresql://u:pa@s3cret@127.0.0.1/d", "postgresql://u:s3cret/x@127.0.0.1/d",
      "postgresql://u:s3cret/x@127.0.0.1:5432/d", "postgresql://u:pa@s3cret@h1,h2/d",
    ] {
      let error = await failure { _ = try await candidates(text) }
      #expect(error?.kind == .configuration && error?.message.contains("%40") == true, "\(text)")
      #expect(error?.message.contains("s3cret") == false)
    }
    #expect(try await candidates("host=@abstract port=5") == ["@abstract  5 "])
    #expect(try await candidates("postgresql://u:pa%40s@127.0.0.1/d") == ["127.0.0.1 127.0.0.1  "])
  }

  @Test("what this client needs is set, the rest is left to who writes the string")
  func preparation() async throws {
    var string = try ConnectionString(
      parsing: "application_name=mine client_encoding=LATIN1 keepalives_idle=9")
    try string.prepare()
    #expect(string["client_encoding"] == "UTF8" && string["application_name"] == "mine")
    #expect(string["keepalives_idle"] == "9" && string["tcp_user_timeout"] == "15000")
    var unencrypted = try ConnectionString(parsing: "gssencmode=require")
    #expect(throws: PostgresError.self) { try unencrypted.prepare() }
  }

  @Test("a service file")
  func services() async throws {
    let server = try TestDatabase.server.get()
    let file = FileManager.default.temporaryDirectory.appending(path: "services-\(getpid()).conf")
    try """
    [benchfront-test]
    host=127.0.0.1
    port=\(server.port)
    user=benchfront
    dbname=postgres
    application_name=from the file
    """.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    setenv("PGSERVICEFILE", file.path(), 1)
    defer { unsetenv("PGSERVICEFILE") }
    let connection = try await TestDatabase.connect(
      on: loop, "service=benchfront-test password='not a secret'")
    let answer = try await connection.run("SELECT current_setting('application_name') AS n")
    #expect(try answer.rows[0].text("n") == "from the file")
    await connection.close()
    let error = await failure {
      _ = try await TestDatabase.connect(on: loop, "service=no-such-service")
    }
    #expect(error?.kind == .connection)
  }

  @Test("a host that takes connections and says nothing costs its share of the time alone")
  func silentHosts() async throws {
    let server = try TestDatabase.server.get()
    let silent = try SilentHost()
    let connection = try await TestDatabase.connect(
      on: loop,
      "postgresql://benchfront:not%20a%20secret@127.0.0.1:\(silent.port),127.0.0.1:\(server.port)"
        + "/postgres"
    ) { $0.connectTimeout = .seconds(1) }
    #expect(try await connection.run("SELECT 1 AS one").rows.count == 1)
    await connection.close()
    let error = await failure {
      _ = try await TestDatabase.connect(on: loop, "host=127.0.0.1 port=\(silent.port)") {
        $0.connectTimeout = .milliseconds(100)
      }
    }
    #expect(error?.message == "connecting took too long")
  }

  @Test("a task that is cancelled does not wait for a connection")
  func cancelledConnects() async throws {
    let silent = try SilentHost()
    let configuration = PostgresConfiguration("host=127.0.0.1 port=\(silent.port)")
    let task = Task { try await PostgresConnection.connect(configuration, loop: loop) }
    silent.awaitPeer()
    task.cancel()
    let error = await failure { _ = try await task.value }
    #expect(error?.kind == .cancelled)
  }
}

/// A listening socket that nobody answers on.
private final class SilentHost {
  private let descriptor: Int32
  let port: UInt16

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = descriptor
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
          ? getsockname(listener, pointer, &length) : -1
      }
    }
    try #require(code == 0)
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  /// Waits until somebody has connected.
  func awaitPeer() {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&entry, 1, 5_000)
  }
}
