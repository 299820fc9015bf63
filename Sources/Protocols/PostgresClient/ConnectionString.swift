import CPostgres
import Glibc
import Reactor

/// What libpq shall connect to: its keywords and values, names looked up already, since libpq
/// would block the loop for that.
struct ConnectionString: Sendable {
  /// Keywords with their values, in libpq's order.
  private(set) var options: [(keyword: String, value: String)]

  /// Reads any connection string of libpq: keywords and values, or a URI.
  ///
  /// - Throws: `PostgresError` with libpq's reason; it never repeats a password.
  init(parsing text: String) throws(PostgresError) {
    var reason: UnsafeMutablePointer<CChar>?
    guard let list = PQconninfoParse(text, &reason) else {
      defer { PQfreemem(reason) }
      let why = reason.map { String(cString: $0) } ?? "out of memory"
      throw PostgresError(.connection, "the connection string makes no sense: \(why.oneLine)")
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

  /// Sets a keyword that nobody has set.
  mutating func setDefault(_ keyword: String, _ value: String) {
    if self[keyword] == nil { self[keyword] = value }
  }

  /// The same with every host's addresses in `hostaddr`: one that is unknown is left out while
  /// others are left.
  func resolved() async throws -> ConnectionString {
    var whole = self
    if self["service"] != nil || getenv("PGSERVICE") != nil {
      // Only libpq reads service files; it looks the first name up meanwhile, hence a thread.
      whole.options = try await onOwnThread { [self] in effective() }
    }
    guard whole["hostaddr"] == nil, getenv("PGHOSTADDR") == nil,
      let hosts = whole["host"] ?? getenv("PGHOST").map({ String(cString: $0) }),
      !hosts.isEmpty
    else { return whole }
    let ports = whole["port"] ?? getenv("PGPORT").map { String(cString: $0) } ?? ""
    try await whole.resolve(hosts.list, ports: ports.list)
    return whole
  }

  private mutating func resolve(_ hosts: [String], ports: [String]) async throws {
    guard ports.count == 1 || ports.count == hosts.count else {
      throw PostgresError(.connection, "\(hosts.count) hosts and \(ports.count) ports do not match")
    }
    var found: [(host: String, address: String, port: String)] = []
    var unknown = ""
    for (place, host) in hosts.enumerated() {
      let port = ports.count == 1 ? ports[0] : ports[place]
      // Folders of sockets, and the default, need no look-up.
      if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") {
        found.append((host, "", port))
        continue
      }
      do {
        let name = host.contains(":") ? "[\(host)]:1" : "\(host):1"
        for address in try await SocketAddress.resolve(name) {
          found.append((host, address.numericHost ?? "", port))
        }
      } catch { unknown = "\(error)" }
    }
    guard !found.isEmpty else { throw PostgresError(.connection, unknown) }
    self["host"] = found.map(\.host).joined(separator: ",")
    self["hostaddr"] = found.map(\.address).joined(separator: ",")
    self["port"] = found.map(\.port).joined(separator: ",")
  }

  /// Service files and the environment merged in; it blocks.
  private func effective() -> [(keyword: String, value: String)] {
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
  /// What stands between commas.
  fileprivate var list: [String] {
    split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// libpq's sentences end lines, and have several.
  var oneLine: String {
    split(whereSeparator: \.isNewline).map { line in
      String(line.drop { $0 == " " || $0 == "\t" })
    }.joined(separator: "; ")
  }
}
