/// One header field; names compare without case.
package struct HeaderField: Sendable, Hashable {
  /// Name as it was sent.
  package var name: String
  /// Value without the white space around it.
  package var value: String

  /// Makes a field.
  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request with its whole body.
package struct HTTP1Request: Sendable, Hashable {
  /// Method, e.g. "GET".
  package var method: String
  /// Target as it was sent, e.g. "/metrics?name=x".
  package var target: String
  /// Minor version of HTTP/1: 0 or 1.
  package var minorVersion: Int
  /// Header fields in the order sent.
  package var headers: [HeaderField]
  /// Body; empty when there is none.
  package var body: [UInt8]
  /// True when the connection may carry a further request.
  package var keepsAlive: Bool

  /// Makes a request.
  package init(
    method: String, target: String, minorVersion: Int = 1, headers: [HeaderField] = [],
    body: [UInt8] = [], keepsAlive: Bool = true
  ) {
    self.method = method
    self.target = target
    self.minorVersion = minorVersion
    self.headers = headers
    self.body = body
    self.keepsAlive = keepsAlive
  }

  /// The target up to its query.
  package var path: String {
    String(target.prefix { $0 != "?" })
  }

  /// The first value of a field; `name` in any case.
  package func header(_ name: String) -> String? {
    headers.first { HTTP1Request.isSame($0.name, name) }?.value
  }

  static func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
  }
}

/// What makes a request unacceptable, as the status that answers it.
package struct HTTP1Refusal: Error, Sendable, Hashable {
  /// HTTP status: 400, 411, 413, 414, 417, 431, 501 or 505.
  package var status: Int
  /// One plain sentence.
  package var message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// Bounds of what a server takes.
package struct HTTP1Limits: Sendable, Hashable {
  /// Longest request line in bytes (414).
  package var requestLineBytes = 8192
  /// Longest head, request line included, in bytes (431).
  package var headBytes = 32_768
  /// Most header fields (431).
  package var headerCount = 100
  /// Longest body in bytes (413).
  package var bodyBytes = 4_194_304

  /// The usual bounds.
  package init() {}
}
