package import TLS

extension ClientTLS {
  /// What a command line says of TLS; nil, which is cleartext, when it says nothing.
  ///
  /// - Parameters:
  ///   - isWanted: TLS without anything else, which trusts the system's CAs.
  ///   - caFile: CAs (PEM) to trust instead.
  ///   - certificateFile: what is shown to a server that asks, with its `keyFile`.
  ///   - serverName: the name that the server's certificate must be for, if not the target's host.
  /// - Throws: `TLSError` that names the file which cannot be used.
  package static func fromFlags(
    isWanted: Bool, caFile: String?, certificateFile: String?, keyFile: String?,
    serverName: String?
  ) throws(TLSError) -> ClientTLS? {
    let isNamed = caFile != nil || certificateFile != nil || keyFile != nil || serverName != nil
    guard isWanted || isNamed else { return nil }
    var settings = TLSClientSettings(caFile: caFile)
    switch (certificateFile, keyFile) {
    case (let certificate?, let key?):
      settings.keyPair = TLSKeyPair(certificateFile: certificate, keyFile: key)
    case (nil, nil): break
    default:
      throw TLSError(
        .badFile, "a client's certificate and its key are given together or not at all")
    }
    return ClientTLS(context: try TLSContext(client: settings), serverName: serverName)
  }
}
