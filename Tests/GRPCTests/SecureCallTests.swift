import Foundation
import GRPC
import Reactor
import TLS
import TLSTestSupport
import Testing

@Suite("Calls over TLS")
struct SecureCallTests {
  /// A channel of its own to a fixture's server.
  private func withChannel(
    _ fixture: Fixture, _ configuration: ClientConfiguration, to target: String? = nil,
    _ body: (ClientChannel) async throws -> Void
  ) async throws {
    let channel = ClientChannel(
      target: target ?? fixture.address.description, loop: fixture.clientLoop,
      configuration: configuration)
    do { try await body(channel) } catch {
      await channel.close()
      throw error
    }
    await channel.close()
  }

  private func whoAmI(_ channel: ClientChannel) async throws -> String {
    String(decoding: try await channel.unary(Methods.whoAmI, []), as: UTF8.self)
  }

  @Test("calls of every kind go over both versions", arguments: [TLSVersion.tls12, .tls13])
  func calls(newest: TLSVersion) async throws {
    try await withFixture(client: secureClient(newest: newest), tls: serverContext()) { fixture in
      let large = differingBytes(3_000_000)
      #expect(try await fixture.channel.unary(Methods.echo, large) == large)
      #expect(try await fixture.channel.unary(Methods.later, [1]) == [1])
      let stream = try await fixture.channel.stream(Methods.count)
      try await stream.send([200, 20])
      stream.finish()
      var sizes: [Int] = []
      while let message = try await stream.next() { sizes.append(message.count) }
      #expect(sizes == [Int](repeating: 200_000, count: 20))
      let chat = try await fixture.channel.stream(Methods.chat)
      for size in [0, 1, 70_000] {
        try await chat.send([UInt8](repeating: 5, count: size))
        #expect(try await chat.next()?.count == size)
      }
      chat.finish()
      #expect(try await chat.next() == nil)
      #expect(try await whoAmI(fixture.channel) == "nobody")
      #expect(fixture.witness.handshakeFailures.value.isEmpty)
    }
  }

  @Test("the client's names reach the handler")
  func identity() async throws {
    let server = try serverContext(clientCA: "ca")
    try await withFixture(client: secureClient("client"), tls: server) { fixture in
      let name = try await whoAmI(fixture.channel)
      #expect(name == Self.identity)
    }
  }

  @Test("a handshake that fails says why, on both sides")
  func failures() async throws {
    func reasons(
      _ client: ClientConfiguration, _ server: TLSContext?
    ) async throws -> (client: String, server: String) {
      let found = Shared((client: "", server: ""))
      try await withFixture(client: client, tls: server) { fixture in
        let error = await rpcError { _ = try await fixture.channel.unary(Methods.echo, []) }
        #expect(error?.code == .unavailable)
        await fixture.witness.handshakeFailed.wait()
        let told = fixture.witness.handshakeFailures.value
        #expect(told.count == 1)
        found.update { $0 = (error?.message ?? "", told.first ?? "") }
      }
      return found.value
    }
    let wrongCA = try await reasons(secureClient(ca: "other-ca"), serverContext())
    #expect(
      wrongCA.client.hasSuffix(
        ": the server's certificate is not signed by a CA that is trusted here"))
    #expect(wrongCA.server == "the client does not trust the CA that signed our certificate")
    let expired = try await reasons(secureClient(), serverContext("expired"))
    #expect(expired.client.contains("the server's certificate has expired ("))
    let name = try await reasons(secureClient(), serverContext("elsewhere"))
    #expect(name.client.contains("not for '127.0.0.1' but for elsewhere.example, 192.0.2.7"))
    let silent = try await reasons(secureClient(), serverContext(clientCA: "ca"))
    #expect(silent.client.hasSuffix(": the server demands a certificate of ours"))
    #expect(silent.server == "the client shows no certificate")
    let stranger = try await reasons(secureClient("stranger"), serverContext(clientCA: "ca"))
    #expect(stranger.client.hasSuffix("does not trust the CA that signed our certificate"))
    let cleartext = try await reasons(ClientConfiguration(), serverContext())
    #expect(cleartext.client.hasSuffix(": the server speaks TLS on this port, not cleartext"))
    #expect(cleartext.server == "the client speaks cleartext on a TLS port")
    let secure = try await reasons(secureClient(), nil)
    #expect(secure.client.hasSuffix(": the server speaks cleartext on this port, not TLS"))
    #expect(secure.server == "the client speaks TLS on a cleartext port")
  }

  @Test("a reload serves new connections and cuts none")
  func reload() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func put(_ name: String) throws {
      for kind in ["pem", "key"] {
        let data = try Data(contentsOf: URL(filePath: Certificates.file("\(name).\(kind)")))
        try data.write(to: folder.appending(path: "tls.\(kind)"), options: .atomic)
      }
    }
    try put("server")
    let context = try TLSContext(
      server: TLSServerSettings(
        keyPair: TLSKeyPair(
          certificateFile: folder.appending(path: "tls.pem").path(),
          keyFile: folder.appending(path: "tls.key").path())))
    try await withFixture(client: secureClient(), tls: context) { fixture in
      let chat = try await fixture.channel.stream(Methods.chat)
      try await chat.send([1])
      #expect(try await chat.next() == [1])
      try put("elsewhere")
      #expect(try context.reloadIfChanged())
      try await withChannel(fixture, secureClient(serverName: "elsewhere.example")) { channel in
        let answer = try await channel.unary(Methods.echo, [9])
        #expect(answer == [9])
      }
      try await chat.send([2])
      #expect(try await chat.next() == [2])
      #expect(try await fixture.channel.unary(Methods.echo, [3]) == [3])
      #expect(fixture.server.connectionCount >= 1)
    }
  }

  @Test("a server speaks TLS, cleartext and both on unix sockets beside each other")
  func listeners() async throws {
    try await withFixture(client: secureClient(), tls: serverContext()) { fixture in
      let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
      let clear = try fixture.server.listen(on: SocketAddress.parse("127.0.0.1:0"))
      let unix = try fixture.server.listen(on: .unix(path))
      let secureUnix = try fixture.server.listen(on: .unix(path + "s"), tls: serverContext())
      for address in [clear, unix] {
        try await withChannel(fixture, .init(), to: address.description) { channel in
          let answer = try await channel.unary(Methods.echo, [1])
          #expect(answer == [1])
        }
      }
      let named = try secureClient(serverName: "localhost")
      try await withChannel(fixture, named, to: secureUnix.description) { channel in
        let answer = try await channel.unary(Methods.echo, [2])
        #expect(answer == [2])
      }
      try await withChannel(fixture, secureClient(), to: secureUnix.description) { channel in
        let error = await rpcError { _ = try await channel.unary(Methods.echo, []) }
        #expect(
          error?.message.contains("no name that the server's certificate must be for") == true)
      }
      #expect(try await fixture.channel.unary(Methods.echo, [3]) == [3])
    }
  }

  @Test("a drained server lets open calls end over TLS")
  func drain() async throws {
    try await withFixture(client: secureClient(), tls: serverContext()) { fixture in
      let chat = try await fixture.channel.stream(Methods.chat)
      try await chat.send([1])
      #expect(try await chat.next() == [1])
      async let drained = fixture.server.drain(grace: .seconds(30))
      try await chat.send([2])
      #expect(try await chat.next() == [2])
      chat.finish()
      #expect(try await chat.next() == nil)
      #expect(await drained == 0)
      #expect(fixture.server.connectionCount == 0)
    }
  }

  /// The Python that `make test` prepares; nil, with a word, where a developer has not made it.
  private func python() throws -> URL? {
    if let python = Python.interpreter { return python }
    let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
    try #require(!isCI, "make test prepares a Python for this test")
    print("No Python with grpcio: make test prepares one, without it nothing is called.")
    return nil
  }

  private static let identity =
    "URI:spiffe://example.org/agent/1, DNS:agent-1.example, email:agent@example.org, CN=client"

  @Test("a resumed session knows who the client is", arguments: [TLSVersion.tls12, .tls13])
  func resumption(newest: TLSVersion) async throws {
    guard let python = try python() else { return }
    let server = try serverContext(clientCA: "ca", newest: newest)
    try await withFixture(client: secureClient("client"), tls: server) { fixture in
      let names = try await Python.run(
        python, "raw_secure_call.py",
        [
          "resume", "\(fixture.address.port ?? 0)", Certificates.folder.path(),
          Methods.whoAmI.path,
        ])
      #expect(names == "\(Self.identity)\n\(Self.identity)\n")
    }
  }

  @Test("a connection that is cut without a goodbye cancels its calls")
  func truncation() async throws {
    guard let python = try python() else { return }
    try await withFixture(client: secureClient("client"), tls: serverContext()) { fixture in
      let said = try await Python.run(
        python, "raw_secure_call.py",
        ["cut", "\(fixture.address.port ?? 0)", Certificates.folder.path(), Methods.hang.path])
      await fixture.witness.cancelled.wait()
      #expect(said == "" && fixture.witness.started.value == 1)
      #expect(fixture.witness.handshakeFailures.value.isEmpty)
    }
  }

  @Test("grpcio speaks both versions, shows who it is, and is refused as it should be")
  func grpcio() async throws {
    guard let python = try python() else { return }
    for newest in [TLSVersion.tls12, .tls13] {
      let server = try serverContext(clientCA: "ca", newest: newest)
      try await withFixture(client: secureClient("client"), tls: server) { fixture in
        func call(_ ca: String, _ client: String) async throws -> String {
          try await Python.run(
            python, "secure_call.py",
            ["localhost:\(fixture.address.port ?? 0)", Certificates.folder.path(), ca, client])
        }
        let name = try await call("ca", "client")
        #expect(name == Self.identity + "\n")
        for (ca, client) in [("ca", "stranger"), ("ca", "-"), ("other-ca", "client")] {
          #expect(try await call(ca, client) == "UNAVAILABLE\n", "\(ca) \(client)")
        }
      }
    }
  }
}
