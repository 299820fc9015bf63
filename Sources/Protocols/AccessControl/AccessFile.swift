package import GRPC
import TLS

/// What is wrong with an access file or what it names.
package struct AccessFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One plain sentence without the file's name.
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Who may call, as an operator writes it down: one rule a line.
///
///     # comment
///     token NAME ROLE sha256:DIGEST
///     certificate SAN ROLE
///     jwt issuer=URL audience=TEXT keys=FILE [roles=CLAIM]
///
/// Tokens are kept as digests: they are long random texts, so a plain SHA-256 cannot be guessed
/// back. A SAN (URI, DNS name or e-mail of the client's certificate) may end in `*`.
package struct AccessFile: Sendable {
  struct TokenRule: Sendable {
    let principal: Principal
    let digest: Digest
  }

  struct CertificateRule: Sendable {
    let name: String
    let isPrefix: Bool
    let roles: AccessRoles

    func matches(_ other: String) -> Bool { isPrefix ? other.hasPrefix(name) : other == name }
  }

  struct TokenIssuer: Sendable {
    let rules: JWTRules
    let keyFile: String
  }

  private(set) var tokens: [TokenRule] = []
  private(set) var certificates: [CertificateRule] = []
  private(set) var issuer: TokenIssuer?

  /// Reads the rules; `roles` knows the roles that a name stands for.
  ///
  /// Throws `AccessFileError` naming the line.
  package init(_ text: String, roles: (String) -> AccessRoles?) throws(AccessFileError) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let kind = words.first, !kind.hasPrefix("#") else { continue }
      do {
        try read(kind, Array(words.dropFirst()), roles)
      } catch { throw AccessFileError("line \(index + 1): \(error.description)") }
    }
  }

  private mutating func read(
    _ kind: String, _ words: [String], _ roles: (String) -> AccessRoles?
  ) throws(AccessFileError) {
    switch (kind, words.count) {
    case ("token", 3): try readToken(words, roles)
    case ("certificate", 2):
      let isPrefix = words[0].hasSuffix("*")
      let name = isPrefix ? String(words[0].dropLast()) : words[0]
      certificates.append(
        CertificateRule(name: name, isPrefix: isPrefix, roles: try role(words[1], roles)))
    case ("jwt", 3...): try readIssuer(words)
    case ("token", _): throw AccessFileError("write: token NAME ROLE sha256:DIGEST")
    case ("certificate", _): throw AccessFileError("write: certificate SAN ROLE")
    case ("jwt", _):
      throw AccessFileError("write: jwt issuer=URL audience=TEXT keys=FILE [roles=CLAIM]")
    default: throw AccessFileError("'\(kind)' is none of token, certificate, jwt")
    }
  }

  private mutating func readToken(
    _ words: [String], _ roles: (String) -> AccessRoles?
  ) throws(AccessFileError) {
    guard words[2].hasPrefix("sha256:"), let digest = Digest(hexadecimal: words[2].dropFirst(7))
    else { throw AccessFileError("the digest is not sha256: and 64 hexadecimal digits") }
    guard !tokens.contains(where: { $0.digest == digest }) else {
      throw AccessFileError("the same token is listed twice")
    }
    let principal = Principal(name: words[0], roles: try role(words[1], roles), proof: .token)
    tokens.append(TokenRule(principal: principal, digest: digest))
  }

  private mutating func readIssuer(_ words: [String]) throws(AccessFileError) {
    guard issuer == nil else { throw AccessFileError("there can be one jwt line") }
    var values: [String: String] = [:]
    for word in words {
      guard let cut = word.firstIndex(of: "="), word.index(after: cut) < word.endIndex,
        ["issuer", "audience", "keys", "roles"].contains(word[..<cut]),
        values.updateValue(String(word[word.index(after: cut)...]), forKey: String(word[..<cut]))
          == nil
      else { throw AccessFileError("'\(word)' is none of issuer=, audience=, keys=, roles=") }
    }
    guard let name = values["issuer"], let audience = values["audience"], let keys = values["keys"]
    else { throw AccessFileError("a jwt line needs issuer=, audience= and keys=") }
    var rules = JWTRules(issuer: name, audience: audience)
    if let claim = values["roles"] { rules.rolesClaim = claim }
    issuer = TokenIssuer(rules: rules, keyFile: keys)
  }

  private func role(
    _ name: String, _ roles: (String) -> AccessRoles?
  ) throws(AccessFileError) -> AccessRoles {
    guard let found = roles(name) else { throw AccessFileError("there is no role '\(name)'") }
    return found
  }
}
