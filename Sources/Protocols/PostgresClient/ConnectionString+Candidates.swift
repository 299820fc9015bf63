import Glibc
import Reactor

extension ConnectionString {
  /// What one attempt to connect needs: each host and address in the string's order, names looked
  /// up, since libpq would block the loop for that; an unknown one is left out while others are
  /// left. They are tried one by one, since libpq's own way through a list waits for the first that
  /// says nothing as long as it does.
  ///
  /// - Throws: `PostgresError` when there is none.
  func candidates() async throws -> [ConnectionString] {
    var whole = self
    if self["service"] != nil || Self.environment("PGSERVICE") != nil {
      // Only libpq reads service files; it looks the first name up meanwhile, hence a thread.
      whole.options = try await BlockingWork.run { [self] in effective() }
    }
    var hosts = try await whole.hosts()
    // libpq makes two rounds for this one.
    if whole.value("target_session_attrs", "PGTARGETSESSIONATTRS") == "prefer-standby" {
      hosts =
        hosts.map { $0.setting("target_session_attrs", "standby") }
        + hosts.map { $0.setting("target_session_attrs", "any") }
    }
    return hosts
  }

  /// Longest that one attempt takes, if the string says so; libpq leaves that to who polls.
  var attemptTimeout: Duration? {
    guard let seconds = value("connect_timeout", "PGCONNECT_TIMEOUT").flatMap({ Int($0) }),
      seconds > 0
    else { return nil }
    // libpq makes 2 of 1.
    return .seconds(max(2, seconds))
  }

  private func hosts() async throws -> [ConnectionString] {
    let hosts = value("host", "PGHOST")?.list ?? []
    let addresses = value("hostaddr", "PGHOSTADDR")?.list ?? []
    let ports = value("port", "PGPORT")?.list ?? [""]
    let count = max(hosts.count, addresses.count, 1)
    guard ports.count == 1 || ports.count == count,
      hosts.isEmpty || hosts.count == count, addresses.isEmpty || addresses.count == count
    else {
      throw PostgresError(
        .configuration,
        "\(hosts.count) hosts, \(addresses.count) addresses and \(ports.count) ports do not match")
    }
    try Self.check(hosts: hosts, ports: ports)
    var found: [ConnectionString] = []
    var unknown: [String] = []
    for place in 0..<count {
      let port = ports.count == 1 ? ports[0] : ports[place]
      let host = hosts.isEmpty ? "" : hosts[place]
      let address = addresses.isEmpty ? "" : addresses[place]
      do {
        for address in try await Self.lookUp(host, address) {
          found.append(
            setting("host", host).setting("hostaddr", address).setting("port", port))
        }
      } catch { unknown.append("\(error)") }
    }
    guard !found.isEmpty else {
      throw PostgresError(.connection, unknown.joined(separator: "; "))
    }
    return found
  }

  /// Refuses hosts and ports that are pieces of a password with characters of a URL's own, before
  /// anybody repeats them.
  private static func check(hosts: [String], ports: [String]) throws(PostgresError) {
    let advice = "; in a URL, @ : and / of a password are written as %40, %3A and %2F"
    guard !hosts.contains(where: { $0.dropFirst().contains("@") }) else {
      throw PostgresError(.configuration, "no host's name has an @ in it" + advice)
    }
    guard ports.allSatisfy({ $0.isEmpty || UInt16($0) ?? 0 > 0 }) else {
      throw PostgresError(.configuration, "a port is a number from 1 to 65535" + advice)
    }
  }

  /// A host's addresses; an empty one where nothing is to look up: folders of sockets, the default,
  /// and numbers.
  private static func lookUp(_ host: String, _ address: String) async throws -> [String] {
    if !address.isEmpty { return [address] }
    if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host.contains(":") {
      return [""]
    }
    return try await BlockingWork.count {
      try await SocketAddress.resolve("\(host):1").map { $0.numericHost ?? "" }
    }
  }

  /// The string's value, or else the environment's.
  private func value(_ keyword: String, _ variable: String) -> String? {
    if let value = self[keyword], !value.isEmpty { return value }
    return Self.environment(variable)
  }

  private static func environment(_ variable: String) -> String? {
    guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else {
      return nil
    }
    return value
  }

  /// A copy with one keyword set.
  private func setting(_ keyword: String, _ value: String) -> ConnectionString {
    var copy = self
    copy[keyword] = value
    return copy
  }
}

extension String {
  /// What stands between commas.
  fileprivate var list: [String] {
    split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
