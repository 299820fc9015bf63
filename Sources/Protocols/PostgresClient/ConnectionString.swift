import CPostgres
import Glibc

/// What libpq shall connect to: its keywords and values.
struct ConnectionString: Sendable {
  /// Keywords with their values, in libpq's order.
  var options: [(keyword: String, value: String)]

  /// Reads any connection string of libpq: keywords and values, or a URI.
  ///
  /// - Throws: `PostgresError` with libpq's reason; it never repeats a password.
  init(parsing text: String) throws(PostgresError) {
    var reason: UnsafeMutablePointer<CChar>?
    guard let list = PQconninfoParse(text, &reason) else {
      defer { PQfreemem(reason) }
      let why = reason.map { String(cString: $0) } ?? "out of memory"
      // What libpq quotes may be a piece of a password.
      throw PostgresError(
        .configuration,
        "the connection string makes no sense (\(why.oneLine.withoutQuotations)); it is a URL like "
          + "postgresql://user@host/name or keywords like host=db dbname=name")
    }
    defer { PQconninfoFree(list) }
    options = Self.read(list)
  }

  private static func read(
    _ list: UnsafeMutablePointer<PQconninfoOption>
  ) -> [(keyword: String, value: String)] {
    var options: [(String, String)] = []
    var entry = list
    while let keyword = entry.pointee.keyword {
      if let value = entry.pointee.val {
        options.append((String(cString: keyword), String(cString: value)))
      }
      entry += 1
    }
    return options
  }

  subscript(_ keyword: String) -> String? {
    get { options.first { $0.keyword == keyword }?.value }
    set {
      options.removeAll { $0.keyword == keyword }
      if let newValue { options.append((keyword, newValue)) }
    }
  }

  /// Sets what this client needs, and what nobody has set but should be.
  ///
  /// - Throws: `PostgresError` when the string asks for what cannot be had here.
  mutating func prepare() throws(PostgresError) {
    if self["gssencmode"] == "require" {
      // libpq would keep decrypted bytes back that no descriptor tells of.
      throw PostgresError(.configuration, "gssencmode=require cannot be had here: use TLS")
    }
    self["gssencmode"] = "disable"
    self["client_encoding"] = "UTF8"
    setDefault("fallback_application_name", "benchfront")
    // A peer that has vanished is noticed within a quarter of a minute.
    setDefault("keepalives_idle", "6")
    setDefault("keepalives_interval", "3")
    setDefault("keepalives_count", "3")
    setDefault("tcp_user_timeout", "15000")
  }

  /// Sets a keyword that nobody has set.
  private mutating func setDefault(_ keyword: String, _ value: String) {
    if self[keyword] == nil { self[keyword] = value }
  }

  /// Service files and the environment merged in; it blocks.
  func effective() -> [(keyword: String, value: String)] {
    guard let connection = start() else { return options }
    defer { PQfinish(connection) }
    guard let list = PQconninfo(connection) else { return options }
    defer { PQconninfoFree(list) }
    // What stands in the service's file stands here now: naming the service again would ask twice.
    return Self.read(list).filter { !$0.value.isEmpty && $0.keyword != "service" }
  }

  /// Begins to connect.
  func start() -> OpaquePointer? {
    var keywords: [UnsafeMutablePointer<CChar>?] = options.map { strdup($0.keyword) }
    var values: [UnsafeMutablePointer<CChar>?] = options.map { strdup($0.value) }
    defer { for text in keywords + values { free(text) } }
    keywords.append(nil)
    values.append(nil)
    return keywords.withUnsafeBufferPointer { keywords in
      values.withUnsafeBufferPointer { values in
        keywords.withMemoryRebound(to: UnsafePointer<CChar>?.self) { keywords in
          values.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
            PQconnectStartParams(keywords.baseAddress, values.baseAddress, 0)
          }
        }
      }
    }
  }
}

extension String {
  /// libpq's sentences end lines, and have several.
  var oneLine: String {
    split(whereSeparator: \.isNewline).map { line in
      String(line.drop { $0 == " " || $0 == "\t" })
    }.joined(separator: "; ")
  }

  /// The sentence without what stands in quotation marks.
  fileprivate var withoutQuotations: String {
    let parts = split(separator: "\"", omittingEmptySubsequences: false)
    // From the first mark to the last: a password may hold marks of its own.
    guard parts.count > 2, let first = parts.first, let last = parts.last else { return self }
    return "\(first)\"...\"\(last)"
  }
}
