/// Reads a request line and header fields that have been split into lines.
struct HeadReader {
  let lines: [ArraySlice<UInt8>]
  let limits: HTTP1Limits

  func read() throws(HTTP1Refusal) -> HTTP1Request {
    guard let first = lines.first else { throw HTTP1Refusal(400, "the request is empty") }
    var request = try requestLine(first)
    guard lines.count - 1 <= limits.headerCount else {
      throw HTTP1Refusal(431, "there are more than \(limits.headerCount) header fields")
    }
    for line in lines.dropFirst() { request.headers.append(try field(line)) }
    return request
  }

  private func requestLine(_ line: ArraySlice<UInt8>) throws(HTTP1Refusal) -> HTTP1Request {
    guard line.count <= limits.requestLineBytes else {
      throw HTTP1Refusal(414, "the request line exceeds \(limits.requestLineBytes) bytes")
    }
    let parts = line.split(separator: 32, maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(Self.isToken) else {
      throw HTTP1Refusal(400, "the request line is not METHOD TARGET VERSION")
    }
    guard let first = parts[1].first, first == UInt8(ascii: "/") || parts[1].elementsEqual([42]),
      parts[1].allSatisfy({ $0 > 32 && $0 < 127 })
    else { throw HTTP1Refusal(400, "the request target is not a path") }
    return HTTP1Request(
      method: Self.text(parts[0]), target: Self.text(parts[1]),
      minorVersion: try minorVersion(parts[2]))
  }

  private func minorVersion(_ version: ArraySlice<UInt8>) throws(HTTP1Refusal) -> Int {
    switch Self.text(version) {
    case "HTTP/1.1": return 1
    case "HTTP/1.0": return 0
    default:
      guard version.starts(with: "HTTP/".utf8) else {
        throw HTTP1Refusal(400, "the request line is not METHOD TARGET VERSION")
      }
      throw HTTP1Refusal(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    }
  }

  private func field(_ line: ArraySlice<UInt8>) throws(HTTP1Refusal) -> HeaderField {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(Self.isToken)
    else { throw HTTP1Refusal(400, "a header field is not NAME: VALUE") }
    var value = line[(colon + 1)...]
    while let byte = value.first, byte == 32 || byte == 9 { value.removeFirst() }
    while let byte = value.last, byte == 32 || byte == 9 { value.removeLast() }
    guard value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
      throw HTTP1Refusal(400, "a header value holds a control character")
    }
    return HeaderField(Self.text(line[..<colon]), Self.text(value))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// RFC 9110, 5.6.2.
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default:
      "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

/// Where a request ends and whether the connection goes on (RFC 9112, 6 and 9.3).
struct RequestFraming {
  let bodyBytes: Int

  init(_ request: HTTP1Request, limits: HTTP1Limits) throws(HTTP1Refusal) {
    let hosts = request.headers.filter { HTTP1Request.isSame($0.name, "host") }
    guard hosts.count == 1 || request.minorVersion == 0 && hosts.isEmpty else {
      throw HTTP1Refusal(400, "exactly one Host field is needed")
    }
    if request.header("transfer-encoding") != nil {
      throw HTTP1Refusal(411, "bodies need a Content-Length")
    }
    if let expect = request.header("expect"), expect.lowercased() != "100-continue" {
      throw HTTP1Refusal(417, "only 100-continue can be expected")
    }
    bodyBytes = try Self.contentLength(request)
    guard bodyBytes <= limits.bodyBytes else {
      throw HTTP1Refusal(413, "the body exceeds \(limits.bodyBytes) bytes")
    }
  }

  private static func contentLength(_ request: HTTP1Request) throws(HTTP1Refusal) -> Int {
    let lengths = Set(
      request.headers.filter { HTTP1Request.isSame($0.name, "content-length") }.map(\.value))
    guard let length = lengths.first else { return 0 }
    guard lengths.count == 1, !length.isEmpty, length.utf8.allSatisfy({ (48...57).contains($0) })
    else { throw HTTP1Refusal(400, "Content-Length is not one number") }
    // A number too large for an Int is too large for every limit.
    return Int(length) ?? .max
  }

  static func keepsAlive(_ request: HTTP1Request) -> Bool {
    let connection = (request.header("connection") ?? "").lowercased()
    if request.minorVersion == 0 { return connection == "keep-alive" }
    return !connection.split(separator: ",").contains { $0.filter { $0 != " " } == "close" }
  }
}
