import HTTP2

/// The origins whose pages may call, as browsers name them in `Origin` (RFC 6454).
package struct WebOrigins: Sendable, Equatable {
  private static let maxOriginBytes = 300

  private var named: Set<String> = []
  private var isAnyAllowed = false

  package init() {}

  /// Lets one more origin in: `https://dash.example`, `http://localhost:8080`, or `*` for any.
  ///
  /// - Returns: false when the text is none; a page without an origin (`null`) cannot be named.
  package mutating func allow(_ text: String) -> Bool {
    if text == "*" {
      isAnyAllowed = true
      return true
    }
    guard let origin = Self.normalized(text) else { return false }
    named.insert(origin)
    return true
  }

  /// What an answer tells the browser of an origin; nil when its pages may not call.
  ///
  /// Who is named may come with the credentials that the browser keeps, client certificates among
  /// them; who comes only as one of all may not.
  func grant(_ origin: String) -> HeaderFields? {
    if named.contains(origin) {
      return HeaderFields([
        "access-control-allow-origin": origin, "access-control-allow-credentials": "true",
      ])
    }
    return isAnyAllowed ? HeaderFields(["access-control-allow-origin": "*"]) : nil
  }

  /// An origin as browsers write it: in lower case, without the port that the scheme implies.
  private static func normalized(_ text: String) -> String? {
    let bytes = text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    guard bytes.count <= maxOriginBytes, let colon = bytes.firstIndex(of: 0x3A),
      isScheme(bytes[..<colon]), bytes[colon...].starts(with: "://".utf8),
      let (host, port) = hostAndPort(bytes[(colon + 3)...])
    else { return nil }
    let origin = String(decoding: bytes[..<host.endIndex], as: UTF8.self)
    switch (bytes[..<colon].elementsEqual("https".utf8), port) {
    case (_, nil), (true, 443): return origin
    case (false, 80) where bytes[..<colon].elementsEqual("http".utf8): return origin
    case (_, let port?): return "\(origin):\(port)"
    }
  }

  private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    text.first.map { (0x61...0x7A).contains($0) } ?? false
      && text.allSatisfy { isWord($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
  }

  private static func hostAndPort(_ text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, UInt16?)? {
    // The colons of an IPv6 address stand in brackets.
    guard let colon = text.lastIndex(of: 0x3A), text.last != 0x5D else {
      return isHost(text) ? (text, nil) : nil
    }
    let digits = text[(colon + 1)...]
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }), isHost(text[..<colon]),
      let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0
    else { return nil }
    return (text[..<colon], port)
  }

  private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
    if text.first == 0x5B, text.last == 0x5D {
      return text.count > 2
        && text.dropFirst().dropLast().allSatisfy { isWord($0) || $0 == 0x3A || $0 == 0x2E }
    }
    return !text.isEmpty
      && text.allSatisfy { isWord($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }
}
