import COpenSSL

/// A public key that verifies signatures of one algorithm.
// @unchecked: the key is never changed, and OpenSSL counts its references atomically.
package final class VerificationKey: @unchecked Sendable {
  /// The algorithms that are taken; symmetric ones and `none` never are.
  package enum Algorithm: String {
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
  }

  package let algorithm: Algorithm
  private let key: OpaquePointer

  private init?(_ algorithm: Algorithm, info: [UInt8]) {
    let key = info.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_PUBKEY(nil, &start, bytes.count)
    }
    guard let key else { return nil }
    (self.algorithm, self.key) = (algorithm, key)
  }

  deinit { EVP_PKEY_free(key) }

  /// An RSA key of at least 2,048 bits, by its modulus and exponent.
  package static func rsa(modulus: [UInt8], exponent: [UInt8]) -> VerificationKey? {
    guard modulus.drop(while: { $0 == 0 }).count >= 256 else { return nil }
    let numbers = DER.sequence(DER.integer(modulus), DER.integer(exponent))
    let algorithm = DER.sequence(DER.rsaEncryption, DER.null)
    return VerificationKey(.rs256, info: DER.sequence(algorithm, DER.bitString(numbers)))
  }

  /// A point of P-256, by its coordinates of 32 bytes each.
  package static func p256(x: [UInt8], y: [UInt8]) -> VerificationKey? {
    guard x.count == 32, y.count == 32 else { return nil }
    let algorithm = DER.sequence(DER.ecPublicKey, DER.prime256v1)
    return VerificationKey(
      .es256, info: DER.sequence(algorithm, DER.bitString([4] + x + y)))
  }

  /// A point of Ed25519, in 32 bytes.
  package static func ed25519(_ point: [UInt8]) -> VerificationKey? {
    guard point.count == 32 else { return nil }
    return VerificationKey(
      .edDSA, info: DER.sequence(DER.sequence(DER.ed25519), DER.bitString(point)))
  }

  /// Whether a signature in JWT's form is this key's.
  package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let form = encoded(signature), let context = EVP_MD_CTX_new() else { return false }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    let digest = algorithm == .edDSA ? nil : EVP_sha256()
    guard EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, form, form.count, message, message.count) == 1
  }

  /// ES256 signs with two numbers of 32 bytes (RFC 7518 section 3.4); OpenSSL wants them in DER.
  private func encoded(_ signature: [UInt8]) -> [UInt8]? {
    guard algorithm == .es256 else { return signature }
    guard signature.count == 64 else { return nil }
    return DER.sequence(
      DER.integer(Array(signature[..<32])), DER.integer(Array(signature[32...])))
  }
}

/// The little of ASN.1's DER that public keys and signatures need (X.690).
enum DER {
  static let null: [UInt8] = [0x05, 0x00]
  static let rsaEncryption: [UInt8] =
    [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
  static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
  static let prime256v1: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
  static let ed25519: [UInt8] = [0x06, 0x03, 0x2B, 0x65, 0x70]

  static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap { $0 }) }

  static func bitString(_ bytes: [UInt8]) -> [UInt8] { element(0x03, [0] + bytes) }

  /// A number that is not negative, highest byte first.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array(bytes.drop { $0 == 0 })
    let needsZero = digits.first.map { $0 >= 0x80 } ?? true
    return element(0x02, (needsZero ? [0] : []) + digits)
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
    var length: [UInt8] = []
    var rest = content.count
    while rest > 0 {
      length.insert(UInt8(rest & 0xFF), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }
}
