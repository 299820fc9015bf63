import COpenSSL
import Glibc

/// Reading an X509 certificate (https://docs.openssl.org/3.0/man3/X509_get_ext_d2i/).
enum Certificate {
  /// The text names of a certificate, by kind.
  struct AlternativeNames {
    var dnsNames: [String] = []
    var uris: [String] = []
    var emails: [String] = []
    var addresses: [String] = []
  }

  /// Names that are not printable ASCII without spaces are left out: nothing good hides in them.
  static func alternativeNames(of certificate: OpaquePointer) -> AlternativeNames {
    var found = AlternativeNames()
    guard let extracted = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
      return found
    }
    let names = OpaquePointer(extracted)
    defer { GENERAL_NAMES_free(names) }
    for index in 0..<copenssl_alternative_name_count(names) {
      var kind: Int32 = 0
      guard let value = copenssl_alternative_name(names, index, &kind) else { continue }
      let bytes = bytes(of: value)
      if kind == GEN_IPADD {
        if let text = address(bytes) { found.addresses.append(text) }
        continue
      }
      guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      switch kind {
      case GEN_DNS: found.dnsNames.append(text)
      case GEN_URI: found.uris.append(text)
      case GEN_EMAIL: found.emails.append(text)
      default: break
      }
    }
    return found
  }

  /// The last, most specific, common name of the subject; nil when it has control characters.
  static func commonName(of certificate: OpaquePointer) -> String? {
    let subject = X509_get_subject_name(certificate)
    var last: Int32 = -1
    while true {
      let next = X509_NAME_get_index_by_NID(subject, NID_commonName, last)
      guard next >= 0 else { break }
      last = next
    }
    guard last >= 0,
      let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last))
    else { return nil }
    var utf8: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&utf8, value)
    guard count > 0, let utf8 else { return nil }
    defer { CRYPTO_free(utf8, nil, 0) }
    let bytes = UnsafeBufferPointer(start: utf8, count: Int(count))
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// When the certificate begins to be valid, such as `Nov 23 22:00:00 2026 GMT`.
  static func beginning(of certificate: OpaquePointer) -> String {
    text(X509_get0_notBefore(certificate))
  }

  /// When the certificate ends.
  static func end(of certificate: OpaquePointer) -> String {
    text(X509_get0_notAfter(certificate))
  }

  private static func text(_ time: UnsafePointer<ASN1_TIME>?) -> String {
    guard let time, let memory = BIO_new(BIO_s_mem()) else { return "?" }
    defer { BIO_free(memory) }
    ASN1_TIME_print(memory, time)
    var text = [UInt8](repeating: 0, count: 64)
    let count = BIO_read(memory, &text, Int32(text.count))
    return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
  }

  private static func bytes(of value: UnsafePointer<ASN1_STRING>) -> [UInt8] {
    let count = Int(ASN1_STRING_length(value))
    return Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: count))
  }

  private static func address(_ bytes: [UInt8]) -> String? {
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let base = buffer.baseAddress, inet_ntop(family, bytes, base, 64) != nil else {
        return nil
      }
      return String(cString: base)
    }
  }
}

extension TLSIdentity {
  /// The names of the peer of a session that has verified its certificate; nil when it has none.
  convenience init?(verifiedBy ssl: OpaquePointer) {
    guard SSL_get_verify_result(ssl) == Int(X509_V_OK),
      let certificate = SSL_get1_peer_certificate(ssl)
    else { return nil }
    defer { X509_free(certificate) }
    let names = Certificate.alternativeNames(of: certificate)
    self.init(
      dnsNames: names.dnsNames, uris: names.uris, emails: names.emails,
      commonName: Certificate.commonName(of: certificate))
  }
}
