/// A certificate with what proves it to others, and its private key, as PEM files.
package struct TLSKeyPair: Sendable, Hashable {
  /// The certificate, followed by those between it and its root.
  package var certificateFile: String
  /// The private key, not encrypted.
  package var keyFile: String

  package init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }
}

/// A version of TLS.
package enum TLSVersion: Sendable, Hashable { case tls12, tls13 }

/// What a server shows to its clients, and what it asks of them.
package struct TLSServerSettings: Sendable, Hashable {
  package var keyPair: TLSKeyPair
  /// CAs (PEM) one of which must have signed a client's certificate; nil asks clients for none.
  package var clientCAFile: String?
  /// The newest version that is spoken; the oldest is 1.2.
  package var newestVersion = TLSVersion.tls13

  package init(keyPair: TLSKeyPair, clientCAFile: String? = nil) {
    self.keyPair = keyPair
    self.clientCAFile = clientCAFile
  }
}

/// Whom a client trusts, and what it shows.
package struct TLSClientSettings: Sendable, Hashable {
  /// CAs (PEM) one of which must have signed the server's certificate; nil for the system's.
  package var caFile: String?
  /// What is shown to servers that ask for a certificate.
  package var keyPair: TLSKeyPair?
  /// The newest version that is spoken; the oldest is 1.2.
  package var newestVersion = TLSVersion.tls13

  package init(caFile: String? = nil, keyPair: TLSKeyPair? = nil) {
    self.caFile = caFile
    self.keyPair = keyPair
  }
}
