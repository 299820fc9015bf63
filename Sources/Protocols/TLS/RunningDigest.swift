import COpenSSL

/// A SHA-256 of bytes that come piece by piece.
package final class RunningDigest {
  private let context: OpaquePointer

  /// Makes the digest of nothing.
  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("OpenSSL has no memory for a digest")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes behind those that came before.
  package func add(_ bytes: some Collection<UInt8>) {
    let isAdded = bytes.withContiguousStorageIfAvailable {
      EVP_DigestUpdate(context, $0.baseAddress, $0.count)
    }
    if isAdded == nil { add(Array(bytes)) }
  }

  /// The digest of what was added so far.
  package var value: Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    let copy = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(copy) }
    guard EVP_MD_CTX_copy_ex(copy, context) == 1, EVP_DigestFinal_ex(copy, &bytes, nil) == 1,
      let digest = Digest(bytes: bytes)
    else { preconditionFailure("OpenSSL has no memory for a digest") }
    return digest
  }
}
