/// Who a client is, by the names in its verified certificate (RFC 5280 section 4.2.1.6).
///
/// A class, so that it reaches each call of a connection for the price of one reference.
package final class TLSIdentity: Sendable, Hashable, CustomStringConvertible {
  package let dnsNames: [String]
  /// Such as `spiffe://example.org/agent`.
  package let uris: [String]
  package let emails: [String]
  /// The subject's last common name.
  package let commonName: String?

  package init(
    dnsNames: [String] = [], uris: [String] = [], emails: [String] = [], commonName: String? = nil
  ) {
    self.dnsNames = dnsNames
    self.uris = uris
    self.emails = emails
    self.commonName = commonName
  }

  package static func == (one: TLSIdentity, other: TLSIdentity) -> Bool {
    one.dnsNames == other.dnsNames && one.uris == other.uris && one.emails == other.emails
      && one.commonName == other.commonName
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(dnsNames)
    hasher.combine(uris)
    hasher.combine(emails)
    hasher.combine(commonName)
  }

  package var description: String {
    let names =
      uris.map { "URI:\($0)" } + dnsNames.map { "DNS:\($0)" } + emails.map { "email:\($0)" }
      + [commonName].compactMap { $0 }.map { "CN=\($0)" }
    return names.joined(separator: ", ")
  }
}
