import FoundationEssentials
package import GRPC
import Glibc
import Synchronization
package import TLS

/// Knows callers by the rules of an access file; it may be used from any thread.
package final class AccessGate: Authenticator {
  /// Tokens whose callers are remembered, so that a busy client is hashed or verified once.
  private static let memoCount = 1_024

  private struct State {
    var tokens: [Digest: Principal] = [:]
    var certificates: [AccessFile.CertificateRule] = []
    var verifier: JWTVerifier?
    var memo: [String: Principal] = [:]
    /// Which reading of the files this is.
    var reading = 0
    var stamps: [String: FileStamp] = [:]
  }

  private let path: String
  private let roles: @Sendable (String) -> AccessRoles?
  private let now: @Sendable () -> Double
  private let state = Mutex(State())
  /// How often the rules were read.
  private let readings = Atomic<UInt64>(0)

  /// Reads an access file and the key set that it names.
  ///
  /// - Parameters:
  ///   - roles: the roles that a name of the file or of a token stands for; nil for unknown names.
  ///   - now: seconds since 1970.
  /// - Throws: `AccessFileError` for a file that cannot be read or understood.
  package init(
    path: String, roles: @escaping @Sendable (String) -> AccessRoles?,
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) throws(AccessFileError) {
    (self.path, self.roles, self.now) = (path, roles, now)
    try reload()
  }

  /// Reads the files again; when that fails the old rules stay.
  package func reload() throws(AccessFileError) {
    var stamps = [path: FileStamp(path: path)]
    let file = try AccessFile(String(decoding: Self.content(path), as: UTF8.self), roles: roles)
    var verifier: JWTVerifier?
    if let issuer = file.issuer {
      let stamp = FileStamp(path: issuer.keyFile)
      stamps[issuer.keyFile] = stamp
      // Also when it cannot be read now: once it can, the rules are read again.
      state.withLock { $0.stamps[issuer.keyFile] = stamp }
      let keys = try KeySet(json: Self.content(issuer.keyFile))
      verifier = JWTVerifier(keys: keys, rules: issuer.rules, roles: roles)
    }
    var fresh = State(certificates: file.certificates, verifier: verifier)
    fresh.stamps = stamps
    for rule in file.tokens { fresh.tokens[rule.digest] = rule.principal }
    state.withLock { [fresh] state in
      let reading = state.reading + 1
      state = fresh
      state.reading = reading
    }
    // Behind the rules: who sees the number sees them.
    readings.add(1, ordering: .sequentiallyConsistent)
  }

  /// Reads the files again when one of them has changed; true when it did.
  package func reloadIfChanged() throws(AccessFileError) -> Bool {
    let stamps = state.withLock { $0.stamps }
    guard stamps.contains(where: { FileStamp(path: $0.key) != $0.value }) else { return false }
    // What is broken is told once, not at every look.
    state.withLock { state in
      for path in stamps.keys { state.stamps[path] = FileStamp(path: path) }
    }
    try reload()
    return true
  }

  private static func content(_ path: String) throws(AccessFileError) -> [UInt8] {
    guard let file = fopen(path, "re") else { throw unreadable(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = fread(&part, 1, part.count, file)
      bytes += part[..<count]
      // A folder can be opened, but not read.
      if ferror(file) != 0 { throw unreadable(path) }
      if count < part.count { return bytes }
    }
  }

  /// The system's reason is what people know.
  private static func unreadable(_ path: String) -> AccessFileError {
    AccessFileError("'\(path)' cannot be read: \(String(cString: strerror(errno)))")
  }

  package func principal(
    bearer: String?, identity: TLSIdentity?
  ) throws(RPCError) -> Principal? {
    if let bearer { return try principal(of: bearer) }
    guard let identity else { return nil }
    let names = identity.uris + identity.dnsNames + identity.emails
    let rules = state.withLock { $0.certificates }
    for rule in rules {
      guard let name = names.first(where: rule.matches) else { continue }
      return Principal(name: name, roles: rule.roles, proof: .certificate)
    }
    throw RPCError(.unauthenticated, "no rule knows the client's certificate")
  }

  package var rulesNumber: UInt64 { readings.load(ordering: .acquiring) }

  package func stillKnows(_ principal: Principal, by rulesNumber: UInt64) -> Bool {
    rulesNumber == self.rulesNumber && (principal.expiry == .infinity || now() < principal.expiry)
  }

  private func principal(of token: String) throws(RPCError) -> Principal {
    let now = now()
    let (known, verifier, reading) = state.withLock { state in
      (find(token, &state, now), state.verifier, state.reading)
    }
    if let known { return known }
    guard let verifier, token.contains(".") else {
      throw RPCError(.unauthenticated, "the token is not known")
    }
    let principal = try verifier.verify(token, at: now)
    state.withLock { state in
      // Who was proved by rules that are gone by now is not known by the new ones.
      if state.reading == reading { remember(token, principal, &state) }
    }
    return principal
  }

  private func find(_ token: String, _ state: inout State, _ now: Double) -> Principal? {
    if let remembered = state.memo[token] {
      if now < remembered.expiry { return remembered }
      state.memo[token] = nil
      return nil
    }
    guard let principal = state.tokens[Digest(of: token)] else { return nil }
    remember(token, principal, &state)
    return principal
  }

  private func remember(_ token: String, _ found: Principal, _ state: inout State) {
    if state.memo.count >= Self.memoCount { state.memo.removeAll(keepingCapacity: true) }
    state.memo[token] = found
  }
}
