import TLS
import TLSTestSupport
import Testing

@Suite("TLS sessions back to back")
struct SessionTests {
  @Test("both versions carry bytes both ways, however they are cut", arguments: [1, 7, 100_000])
  func bytes(pieceBytes: Int) throws {
    for (newest, name) in [(TLSVersion.tls13, "TLSv1.3"), (.tls12, "TLSv1.2")] {
      let pair = try Pair(client: clientContext(newest: newest), server: serverContext())
      pair.run(pieceBytes: pieceBytes)
      #expect(pair.client.session.isEstablished && pair.server.session.isEstablished)
      #expect(pair.client.session.version == name && pair.server.session.version == name)
      #expect(pair.client.establishedCalls == 1 && pair.server.establishedCalls == 1)
      let there = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
      try pair.client.send(there)
      try pair.server.send([1, 2, 3])
      #expect(!pair.client.output.starts(with: there.prefix(100)))
      pair.run(pieceBytes: pieceBytes)
      #expect(pair.server.received == there && pair.client.received == [1, 2, 3])
      #expect(pair.client.error == nil && pair.server.error == nil)
      #expect(pair.server.session.identity == nil)
    }
  }

  @Test("versions older than 1.2 are refused")
  func versions() throws {
    let server = Side(try serverContext().makeSession())
    // A hello of TLS 1.1 with one cipher, and no extensions.
    let hello: [UInt8] =
      [3, 2] + [UInt8](repeating: 7, count: 32) + [0, 0, 2, 0xc0, 0x13, 1, 0]
    let length = UInt8(hello.count)
    server.receive([22, 3, 1, 0, length + 4, 1, 0, 0, length] + hello)
    #expect(server.error != nil && !server.session.isEstablished)
    #expect(server.output.first == 21)
  }

  @Test("a name is verified, an address too, and the sentence says whom the certificate is for")
  func names() throws {
    for name in ["localhost", "127.0.0.1", "::1"] {
      let pair = try Pair(client: clientContext(), server: serverContext(), serverName: name)
      pair.run()
      #expect(pair.client.session.isEstablished, "\(name)")
    }
    for name in ["server", "example.org", "127.0.0.2", "local"] {
      let pair = try Pair(client: clientContext(), server: serverContext(), serverName: name)
      pair.run()
      #expect(pair.client.error?.code == .untrusted, "\(name)")
      let message = pair.client.error?.message ?? ""
      #expect(message.contains("'\(name)'") && message.contains("localhost, 127.0.0.1, ::1"))
      #expect(pair.server.error?.code == .refused && !pair.server.session.isEstablished)
    }
    #expect(throws: TLSError.self) { try clientContext().makeSession(serverName: "") }
  }

  @Test("a server that nobody trusts or whose time is over is refused, with the reason")
  func untrustedServers() throws {
    let stranger = try Pair(client: clientContext(ca: "other-ca"), server: serverContext())
    stranger.run()
    #expect(stranger.client.error?.code == .untrusted)
    #expect(
      stranger.client.error?.message
        == "the server's certificate is not signed by a CA that is trusted here")
    #expect(
      stranger.server.error?.message == "the client does not trust the CA that signed our "
        + "certificate")
    let expired = try Pair(client: clientContext(), server: serverContext("expired"))
    expired.run()
    #expect(
      expired.client.error?.message.hasPrefix("the server's certificate has expired (") == true)
    #expect(expired.server.error?.message == "the client says that our certificate has expired")
    let client = try Pair(client: clientContext(), server: serverContext("client"))
    client.run()
    #expect(client.client.error?.code == .untrusted)
  }

  @Test(
    "the names in a client's certificate reach the server", arguments: [TLSVersion.tls12, .tls13])
  func identity(newest: TLSVersion) throws {
    let pair = try Pair(
      client: clientContext("client", newest: newest), server: serverContext(clientCA: "ca"))
    pair.run()
    let identity = try #require(pair.server.session.identity)
    #expect(identity.dnsNames == ["agent-1.example"])
    #expect(identity.uris == ["spiffe://example.org/agent/1"])
    #expect(identity.emails == ["agent@example.org"])
    #expect(identity.commonName == "client")
    #expect(pair.client.session.identity == nil)
  }

  @Test("a client without a good certificate is refused where one is demanded, and is told so")
  func clientCertificates() throws {
    for newest in [TLSVersion.tls12, .tls13] {
      let server = try serverContext(clientCA: "ca")
      let silent = try Pair(client: clientContext(newest: newest), server: server)
      silent.run()
      #expect(silent.server.error?.message == "the client shows no certificate")
      #expect(silent.client.error?.code == .refused)
      #expect(silent.client.error?.message.contains("demands a certificate of ours") == true)
      let stranger = try Pair(client: clientContext("stranger", newest: newest), server: server)
      stranger.run()
      #expect(stranger.server.error?.code == .untrusted)
      #expect(
        stranger.client.error?.message
          == "the server does not trust the CA that signed our certificate")
      // A server's certificate does not make a client.
      let other = try Pair(client: clientContext("renewed", newest: newest), server: server)
      other.run()
      #expect(other.server.error?.code == .untrusted && other.client.error?.code == .refused)
      #expect(!silent.server.session.isEstablished && !stranger.server.session.isEstablished)
    }
  }

  @Test("cleartext on either side is named as such")
  func cleartext() throws {
    let server = Side(try serverContext().makeSession())
    server.receive(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    #expect(server.error?.code == .notTLS)
    #expect(server.error?.message == "the client speaks cleartext on a TLS port")
    let client = Side(try clientContext().makeSession(serverName: "localhost"))
    try client.session.start()
    client.receive([0, 0, 18, 4, 0, 0, 0, 0, 0])
    #expect(client.error?.code == .notTLS)
  }

  @Test("garbage ends a session once and for all")
  func garbage() throws {
    let pair = try Pair(client: clientContext(), server: serverContext())
    pair.run()
    pair.server.receive([23, 3, 3, 0, 40] + [UInt8](repeating: 9, count: 40))
    #expect(pair.server.error?.code == .protocolViolation)
    #expect(pair.server.output.count > 0)
    // What comes later is passed over.
    try pair.server.session.receive([1, 2, 3].span.bytes)
    try pair.server.send([1])
  }

  @Test("a goodbye is heard, and nothing is read behind it")
  func close() throws {
    let pair = try Pair(client: clientContext(), server: serverContext())
    pair.run()
    try pair.client.send([4, 5])
    pair.client.session.close()
    pair.run()
    #expect(pair.server.received == [4, 5])
    #expect(pair.server.session.hasPeerClosed && pair.server.error == nil)
    #expect(!pair.client.session.hasPeerClosed)
    let early = try Pair(client: clientContext(), server: serverContext())
    early.client.session.close()
    early.run()
    #expect(!early.server.session.isEstablished && early.server.error == nil)
  }
}
