import Foundation
import GRPC
import Synchronization
import TLS
import Testing

@testable import AccessControl

private let reader = AccessRole(rawValue: 2)
private let operate = AccessRole(rawValue: 3)

@Sendable private func roles(_ name: String) -> AccessRoles? {
  switch name {
  case "reader": [reader]
  case "operator": [reader, operate]
  default: nil
  }
}

private let secret = "bf_0123456789abcdefghijklmnopqrstuvwxyz"

/// An access file in a folder of its own, with the key set beside it.
private func withGate(
  _ text: String, now: @escaping @Sendable () -> Double = { 1_500 },
  _ body: (AccessGate, URL) throws -> Void
) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let (file, keys) = (folder.appending(path: "access"), folder.appending(path: "keys.json"))
  try Fixtures.keySet.write(to: keys, atomically: true, encoding: .utf8)
  let filled = text.replacing("KEYS", with: keys.path())
  try filled.write(to: file, atomically: true, encoding: .utf8)
  try body(AccessGate(path: file.path(), roles: roles, now: now), file)
}

private let issuer = "jwt issuer=https://issuer.test audience=benchfront keys=KEYS"

@Suite("Who may call")
struct AccessGateTests {
  private func refusal(_ body: () throws -> Principal?) -> RPCError? {
    do {
      let principal = try body()
      Issue.record("\(principal?.name ?? "nobody") was let in")
      return nil
    } catch { return error as? RPCError }
  }

  @Test("a token that is listed by its digest is known, again and again; no other is")
  func tokens() throws {
    let line = "# ours\n\n token  ci operator sha256:\(Digest(of: secret).hexadecimal)\r\n"
    try withGate(line) { gate, _ in
      for _ in 0..<3 {
        let caller = try gate.principal(bearer: secret, identity: nil)
        #expect(caller?.name == "ci" && caller?.proof == .token)
        #expect(caller?.roles == [reader, operate])
      }
      for wrong in [secret + "x", "", Digest(of: secret).hexadecimal, "a.b.c"] {
        let error = refusal { try gate.principal(bearer: wrong, identity: nil) }
        #expect(error?.code == .unauthenticated)
        #expect(wrong.isEmpty || error?.message.contains(wrong) == false)
      }
      #expect(try gate.principal(bearer: nil, identity: nil) == nil)
    }
  }

  @Test("a certificate is known by any of its names, a star takes the rest of one")
  func certificates() throws {
    try withGate("certificate spiffe://bench/agent/* reader\ncertificate ops.test operator\n") {
      gate, _ in
      let agent = TLSIdentity(
        dnsNames: ["a.test"], uris: ["spiffe://bench/agent/7"], emails: [], commonName: "x")
      let caller = try gate.principal(bearer: nil, identity: agent)
      #expect(caller?.name == "spiffe://bench/agent/7" && caller?.proof == .certificate)
      #expect(caller?.roles == [reader])
      // The common name is no proof.
      let other = TLSIdentity(
        dnsNames: ["ops.test.evil"], uris: [], emails: [], commonName: "ops.test")
      #expect(
        refusal { try gate.principal(bearer: nil, identity: other) }?.code == .unauthenticated)
    }
  }

  @Test("a signed token names its subject and its known roles", arguments: Fixtures.good)
  func goodTokens(_ sample: (algorithm: String, token: String)) throws {
    try withGate(issuer) { gate, _ in
      for _ in 0..<2 {
        let caller = try gate.principal(bearer: sample.token, identity: nil)
        #expect(caller?.name == "ci" && caller?.proof == .jwt)
        #expect(caller?.roles == [reader, operate])
      }
    }
  }

  @Test("a token that is forged, stale or meant for others is refused", arguments: Fixtures.bad)
  func badTokens(_ sample: (fault: String, token: String)) throws {
    try withGate(issuer) { gate, _ in
      let error = refusal { try gate.principal(bearer: sample.token, identity: nil) }
      #expect(error?.code == .unauthenticated)
    }
  }

  @Test("a token counts from its first to its last second, also when it is remembered")
  func expiry() throws {
    let time = Mutex(969.0)
    let token = Fixtures.good[2].token
    let now: @Sendable () -> Double = { time.withLock { $0 } }
    try withGate(issuer, now: now) { gate, _ in
      #expect(refusal { try gate.principal(bearer: token, identity: nil) } != nil)
      for second in [970.0, 1_999, 2_029] {
        time.withLock { $0 = second }
        let caller = try gate.principal(bearer: token, identity: nil)
        #expect(caller?.name == "ci")
      }
      time.withLock { $0 = 2_030 }
      let error = refusal { try gate.principal(bearer: token, identity: nil) }
      #expect(error?.message == "the token has expired")
    }
  }

  @Test("new rules count at once, and a broken file leaves the old ones")
  func reload() throws {
    let line = "token ci operator sha256:\(Digest(of: secret).hexadecimal)"
    try withGate(line) { gate, file in
      #expect(try gate.principal(bearer: secret, identity: nil) != nil)
      try "token ci boss sha256:00".write(to: file, atomically: true, encoding: .utf8)
      #expect(throws: AccessFileError.self) { try gate.reload() }
      #expect(try gate.principal(bearer: secret, identity: nil) != nil)
      try "# nobody".write(to: file, atomically: true, encoding: .utf8)
      try gate.reload()
      #expect(refusal { try gate.principal(bearer: secret, identity: nil) } != nil)
    }
  }

  @Test(
    "a file that cannot be read is named with the system's reason",
    arguments: [("/nowhere", "No such file or directory"), ("/tmp", "Is a directory")])
  func unreadable(path: String, reason: String) {
    #expect(throws: AccessFileError("'\(path)' cannot be read: \(reason)")) {
      try AccessGate(path: path, roles: roles)
    }
  }

  @Test("rules whose key set cannot be read are taken up as soon as it can")
  func lateKeys() throws {
    let line = "token ci operator sha256:\(Digest(of: secret).hexadecimal)"
    try withGate(line) { gate, file in
      let keys = file.path + ".keys"
      defer { try? FileManager.default.removeItem(atPath: keys) }
      try "jwt issuer=a audience=b keys=\(keys)".write(to: file, atomically: true, encoding: .utf8)
      #expect(throws: AccessFileError.self) { try gate.reloadIfChanged() }
      #expect(try !gate.reloadIfChanged())
      #expect(try gate.principal(bearer: secret, identity: nil) != nil)
      try Fixtures.keySet.write(toFile: keys, atomically: true, encoding: .utf8)
      #expect(try gate.reloadIfChanged())
      #expect(refusal { try gate.principal(bearer: secret, identity: nil) } != nil)
    }
  }

  @Test("who was proved is known until new rules are read, or the token ends")
  func knowledge() throws {
    let line = "token ci operator sha256:\(Digest(of: secret).hexadecimal)"
    let time = Mutex(1_500.0)
    let now: @Sendable () -> Double = { time.withLock { $0 } }
    try withGate("\(line)\n\(issuer)", now: now) { gate, file in
      let number = gate.rulesNumber
      let listed = try #require(try gate.principal(bearer: secret, identity: nil))
      let signed = try #require(
        try gate.principal(bearer: Fixtures.good[2].token, identity: nil))
      #expect(gate.stillKnows(listed, by: number) && gate.stillKnows(signed, by: number))
      time.withLock { $0 = 2_000 }
      #expect(gate.stillKnows(listed, by: number) && !gate.stillKnows(signed, by: number))
      try "token ci boss sha256:00".write(to: file, atomically: true, encoding: .utf8)
      #expect(throws: AccessFileError.self) { try gate.reload() }
      #expect(gate.stillKnows(listed, by: number))
      try "# nobody".write(to: file, atomically: true, encoding: .utf8)
      try gate.reload()
      #expect(!gate.stillKnows(listed, by: number))
    }
  }

  @Test(
    "a line that makes no sense is named",
    arguments: [
      "token ci operator", "token ci operator md5:00", "token ci operator sha256:zz",
      "token ci boss sha256:\(Digest(of: "x").hexadecimal)", "certificate a.test",
      "certificate a.test boss", "jwt issuer=a audience=b", "jwt issuer=a audience=b keys= x",
      "jwt issuer=a audience=b keys=c color=red", "password ci",
      "jwt issuer=a audience=b keys=c\njwt issuer=a audience=b keys=c",
      "token a reader sha256:\(Digest(of: "x").hexadecimal)\n"
        + "token b reader sha256:\(Digest(of: "x").hexadecimal)",
    ])
  func badFiles(_ text: String) throws {
    let line = text.contains("\n") ? "line 3: " : "line 2: "
    do {
      _ = try AccessFile("# first\n" + text, roles: roles)
      Issue.record("it was read")
    } catch { #expect(error.description.hasPrefix(line), "\(error)") }
  }

  @Test(
    "a key set without a usable key is refused",
    arguments: ["", "[]", "{}", #"{"keys": []}"#, #"{"keys": [{"kty": "oct", "k": "AA"}]}"#])
  func badKeySets(_ text: String) {
    #expect(throws: AccessFileError.self) { try KeySet(json: Array(text.utf8)) }
  }
}
