import COpenSSL

/// `h2` by ALPN (RFC 7301), without which nobody is spoken to.
enum ApplicationProtocol {
  private static let name = Array("h2".utf8)

  /// Makes a client offer it.
  static func offer(to context: OpaquePointer) throws(TLSError) {
    let list = [UInt8(name.count)] + name
    guard SSL_CTX_set_alpn_protos(context, list, UInt32(list.count)) == 0 else {
      throw .library("SSL_CTX_set_alpn_protos")
    }
  }

  /// Makes a server refuse clients that do not offer it.
  static func demand(of context: OpaquePointer) {
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, chosen, chosenCount, offered, count, _ in
        guard let offered, let chosen, let chosenCount else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let list = UnsafeBufferPointer(start: offered, count: Int(count))
        guard let found = ApplicationProtocol.find(in: list) else {
          return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        chosen.pointee = offered + found.lowerBound
        chosenCount.pointee = UInt8(found.count)
        return SSL_TLSEXT_ERR_OK
      }, nil)
    // The callback above is not called when nothing at all is offered.
    SSL_CTX_set_client_hello_cb(
      context,
      { ssl, alert, _ in
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        let kind = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
        if SSL_client_hello_get0_ext(ssl, kind, &bytes, &count) == 1 {
          return SSL_CLIENT_HELLO_SUCCESS
        }
        alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
        return SSL_CLIENT_HELLO_ERROR
      }, nil)
  }

  /// Whether it was agreed on.
  static func isAgreed(in ssl: OpaquePointer) -> Bool {
    var bytes: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &bytes, &count)
    return UnsafeBufferPointer(start: bytes, count: Int(count)).elementsEqual(name)
  }

  /// Where the name is in a list of names that each have their length before them.
  private static func find(in list: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    var start = 0
    while start < list.count {
      let end = start + 1 + Int(list[start])
      guard end <= list.count else { return nil }
      if list[(start + 1)..<end].elementsEqual(name) { return (start + 1)..<end }
      start = end
    }
    return nil
  }
}
