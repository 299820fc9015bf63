import FoundationEssentials
import TLS

/// The public keys of an issuer of tokens, as a JSON Web Key Set (RFC 7517).
struct KeySet: Sendable {
  private struct Document: Decodable { let keys: [Entry] }

  private struct Entry: Decodable {
    let kty: String
    let kid, alg, use, crv, n, e, x, y: String?
  }

  private let named: [String: VerificationKey]
  private let unnamed: [VerificationKey]

  /// Reads a set; keys of kinds that are not taken are passed over.
  ///
  /// Throws `AccessFileError` when the text is no key set, or no key of it can be used.
  init(json text: [UInt8]) throws(AccessFileError) {
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(text)) else {
      throw AccessFileError("the key set is not a JSON object with \"keys\"")
    }
    var named: [String: VerificationKey] = [:]
    var unnamed: [VerificationKey] = []
    for entry in document.keys {
      guard let key = Self.key(entry) else { continue }
      guard let name = entry.kid else {
        unnamed.append(key)
        continue
      }
      guard named.updateValue(key, forKey: name) == nil else {
        throw AccessFileError("the key set has two keys \"\(name)\"")
      }
    }
    guard !(named.isEmpty && unnamed.isEmpty) else {
      throw AccessFileError("the key set has no key for RS256, ES256 or EdDSA signatures")
    }
    (self.named, self.unnamed) = (named, unnamed)
  }

  /// The keys that may have signed: the one of that name, or those without a name.
  func candidates(_ name: String?, _ algorithm: VerificationKey.Algorithm) -> [VerificationKey] {
    let keys = name.map { named[$0].map { [$0] } ?? [] } ?? (unnamed + named.values)
    return keys.filter { $0.algorithm == algorithm }
  }

  private static func key(_ entry: Entry) -> VerificationKey? {
    guard entry.use == nil || entry.use == "sig" else { return nil }
    let key: VerificationKey?
    switch (entry.kty, entry.crv) {
    case ("RSA", _):
      guard let n = bytes(entry.n), let e = bytes(entry.e) else { return nil }
      key = .rsa(modulus: n, exponent: e)
    case ("EC", "P-256"):
      guard let x = bytes(entry.x), let y = bytes(entry.y) else { return nil }
      key = .p256(x: x, y: y)
    case ("OKP", "Ed25519"):
      guard let x = bytes(entry.x) else { return nil }
      key = .ed25519(x)
    default: return nil
    }
    // A key that is meant for another algorithm is not used for this one.
    guard let key, entry.alg == nil || entry.alg == key.algorithm.rawValue else { return nil }
    return key
  }

  private static func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64URL.decode($0) } }
}

/// Base64 with the alphabet of URLs and without padding (RFC 4648 section 5).
enum Base64URL {
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    guard text.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2F && $0 != 0x3D }) else { return nil }
    var standard = String(
      decoding: text.utf8.map { $0 == 0x2D ? 0x2B : $0 == 0x5F ? 0x2F : $0 }, as: UTF8.self)
    standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
    return Data(base64Encoded: standard).map { Array($0) }
  }
}
