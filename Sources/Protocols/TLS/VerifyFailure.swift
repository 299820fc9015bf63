import COpenSSL

/// Why a peer's certificate is refused, in words.
enum VerifyFailure {
  /// Notes the reason in the session, and leaves the decision to the library
  /// (https://docs.openssl.org/3.0/man3/SSL_CTX_set_verify/).
  static let callback: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
    if isGood == 0, let store { note(store) }
    return isGood
  }

  private static func note(_ store: OpaquePointer) {
    let index = SSL_get_ex_data_X509_STORE_CTX_idx()
    guard let ssl = X509_STORE_CTX_get_ex_data(store, index),
      let session = SessionBIO.session(of: OpaquePointer(ssl))
    else { return }
    session.verifyFailure = reason(store, of: session)
  }

  private static func reason(_ store: OpaquePointer, of session: TLSSession) -> String {
    let code = X509_STORE_CTX_get_error(store)
    let peer = session.peerName
    switch code {
    case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
      guard let certificate = X509_STORE_CTX_get_current_cert(store) else { break }
      let whose =
        X509_STORE_CTX_get_error_depth(store) == 0
        ? "the \(peer)'s certificate" : "a certificate that signed the \(peer)'s"
      return code == X509_V_ERR_CERT_HAS_EXPIRED
        ? "\(whose) has expired (\(Certificate.end(of: certificate)))"
        : "\(whose) is not valid yet (\(Certificate.beginning(of: certificate)))"
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      guard let certificate = X509_STORE_CTX_get0_cert(store) else { break }
      let names = Certificate.alternativeNames(of: certificate)
      let known = (names.dnsNames + names.addresses).joined(separator: ", ")
      return "the server's certificate is not for '\(session.serverName ?? "")' but for "
        + (known.isEmpty ? "nobody" : known)
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "the \(peer)'s certificate is not signed by a CA that is trusted here"
    default: break
    }
    return "the \(peer)'s certificate is refused: \(text(code))"
  }

  private static func text(_ code: Int32) -> String {
    String(cString: X509_verify_cert_error_string(Int(code)))
  }
}
