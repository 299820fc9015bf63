import HTTP2

/// What a browser asks before a page of another origin may call: CORS, as
/// https://fetch.spec.whatwg.org has it.
enum Preflight {
  /// More is not repeated to a browser that asks for it.
  private static let maxNamesBytes = 4096
  private static let usualNames =
    "content-type,x-grpc-web,x-user-agent,grpc-timeout,authorization"

  /// The answer to an origin that may call with the headers whose names the browser sent.
  static func answer(_ grant: HeaderFields, requested: [UInt8]?) -> HeaderFields {
    var fields = HeaderFields([":status": "204"])
    fields.append(contentsOf: grant)
    fields.append("access-control-allow-methods", "POST")
    if let requested, isNameList(requested) {
      fields.append("access-control-allow-headers", bytes: requested)
    } else {
      fields.append("access-control-allow-headers", usualNames)
    }
    // Browsers keep an answer no longer than this, Chromium's bound.
    fields.append("access-control-max-age", "7200")
    fields.append(
      "vary", "origin, access-control-request-method, access-control-request-headers")
    return fields
  }

  private static func isNameList(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.count <= maxNamesBytes
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x2C, 0x20: true
        default: false
        }
      }
  }
}
