/// One request to send.
package struct TransferRequest: Sendable, Hashable {
  /// "GET" or "POST" mostly.
  package var method: String
  /// "http://..." or "https://...".
  package var url: String
  /// Names and values; values hold no control characters.
  package var headers: [Header]
  /// Body; nil for none.
  package var body: [UInt8]?
  /// Takes a new connection and closes it afterwards.
  ///
  /// llama-server needs it: it closes after each streamed answer although it announces
  /// keep-alive, so that a reused connection may be gone before the first byte.
  package var usesFreshConnection: Bool
  /// Goes through the proxy that the environment names, if it names one.
  package var usesProxy: Bool
  /// How long connecting may take.
  package var connectTimeout: Duration
  /// How long everything may take.
  package var totalTimeout: Duration
  /// How long nothing may arrive; nil for as long as `totalTimeout`.
  package var idleTimeout: Duration?
  /// Most bytes of the body.
  package var bodyLimitBytes: Int

  /// A header field.
  package struct Header: Sendable, Hashable {
    /// Name.
    package var name: String
    /// Value.
    package var value: String

    /// Makes a field.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Makes a request with the usual bounds: 10 s to connect, 60 s in all, 16 MiB of body.
  package init(
    method: String = "GET", url: String, headers: [Header] = [], body: [UInt8]? = nil,
    usesFreshConnection: Bool = false, usesProxy: Bool = false,
    connectTimeout: Duration = .seconds(10), totalTimeout: Duration = .seconds(60),
    idleTimeout: Duration? = nil, bodyLimitBytes: Int = 16_777_216
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.usesFreshConnection = usesFreshConnection
    self.usesProxy = usesProxy
    self.connectTimeout = connectTimeout
    self.totalTimeout = totalTimeout
    self.idleTimeout = idleTimeout
    self.bodyLimitBytes = bodyLimitBytes
  }
}

/// Status and header fields of an answer.
package struct TransferHead: Sendable, Hashable {
  /// HTTP status.
  package var status: Int
  /// Fields in the order received.
  package var headers: [TransferRequest.Header]

  /// The first value of a field; `name` in any case.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// A whole answer.
package struct TransferResponse: Sendable, Hashable {
  /// Status and header fields.
  package var head: TransferHead
  /// Body.
  package var body: [UInt8]
}
