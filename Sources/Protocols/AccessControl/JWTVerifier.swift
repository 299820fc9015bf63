import FoundationEssentials
import GRPC
import TLS

/// What a JSON Web Token must be to be believed (RFC 7519, RFC 8725).
package struct JWTRules: Sendable, Equatable {
  /// `iss` must be this.
  package var issuer: String
  /// `aud` must be or contain this.
  package var audience: String
  /// The claim that lists roles, as a string or a list of them.
  package var rolesClaim = "roles"
  /// How far the issuer's clock may be from ours.
  package var leeway = 30.0

  package init(issuer: String, audience: String) {
    (self.issuer, self.audience) = (issuer, audience)
  }
}

/// Believes tokens that a key of the set has signed.
struct JWTVerifier: Sendable {
  /// Tokens are bounded, since each costs the verification of a signature.
  private static let maxBytes = 8_192

  private struct Header: Decodable {
    let alg: String
    let kid: String?
    let crit: [String]?
  }

  private let keys: KeySet
  private let rules: JWTRules
  private let roles: @Sendable (String) -> AccessRoles?

  init(keys: KeySet, rules: JWTRules, roles: @escaping @Sendable (String) -> AccessRoles?) {
    (self.keys, self.rules, self.roles) = (keys, rules, roles)
  }

  /// The caller that a token names, for as long as the token lasts.
  func verify(_ token: String, at now: Double) throws(RPCError) -> Principal {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard token.utf8.count <= Self.maxBytes, parts.count == 3,
      let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2]),
      let head = try? JSONDecoder().decode(Header.self, from: Data(header)), head.crit == nil
    else { throw Self.refusal("is malformed") }
    guard let algorithm = VerificationKey.Algorithm(rawValue: head.alg) else {
      throw Self.refusal("is not signed by RS256, ES256 or EdDSA")
    }
    let message = Array("\(parts[0]).\(parts[1])".utf8)
    let candidates = keys.candidates(head.kid, algorithm)
    guard candidates.contains(where: { $0.verifies(signature, of: message) }) else {
      throw Self.refusal("is not signed by a known key")
    }
    guard
      let claims = try? JSONDecoder().decode([String: Claim].self, from: Data(payload))
    else { throw Self.refusal("carries no claims") }
    return try accept(claims, at: now)
  }

  private func accept(
    _ claims: [String: Claim], at now: Double
  ) throws(RPCError) -> Principal {
    guard claims["iss"]?.texts == [rules.issuer] else { throw Self.refusal("has another issuer") }
    guard claims["aud"]?.texts?.contains(rules.audience) ?? false else {
      throw Self.refusal("is meant for another audience")
    }
    guard let expiry = claims["exp"]?.number else { throw Self.refusal("never expires") }
    guard now < expiry + rules.leeway else { throw Self.refusal("has expired") }
    if let start = claims["nbf"] {
      guard let start = start.number, start - rules.leeway <= now else {
        throw Self.refusal("is not valid yet")
      }
    }
    guard let name = claims["sub"]?.texts?.first, !name.isEmpty, name.utf8.count <= 256 else {
      throw Self.refusal("names no subject")
    }
    // It is kept, and shown in terminals: one line, whatever prints it.
    guard name.unicodeScalars.allSatisfy(Self.isPlain) else {
      throw Self.refusal("names a subject with control characters")
    }
    var granted = AccessRoles()
    for role in claims[rules.rolesClaim]?.texts ?? [] {
      if let known = roles(role) { granted.formUnion(known) }
    }
    return Principal(name: name, roles: granted, proof: .jwt, expiry: expiry)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  private static func refusal(_ reason: String) -> RPCError {
    RPCError(.unauthenticated, "the token \(reason)")
  }
}

/// A claim's value, as far as it matters.
private enum Claim: Decodable {
  case text(String)
  case number(Double)
  case texts([String])
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let texts = try? container.decode([String].self) {
      self = .texts(texts)
    } else {
      self = .other
    }
  }

  var texts: [String]? {
    switch self {
    case .text(let text): [text]
    case .texts(let texts): texts
    case .number, .other: nil
    }
  }

  var number: Double? {
    if case .number(let number) = self, number.isFinite { number } else { nil }
  }
}
