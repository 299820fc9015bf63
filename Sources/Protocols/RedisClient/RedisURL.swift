import Reactor

/// Where a Redis is: `redis://[user:password@]host[:port][/db]`, or
/// `unix:/path` and `unix://[user:password@]/path`, with `?db=N` behind it.
package struct RedisURL: Sendable, Hashable, CustomStringConvertible {
  /// `HOST:PORT`, a v6 host in brackets, or `unix:PATH`.
  package var address: String
  /// Who logs in; empty for the default user.
  package var user = ""
  /// The password; empty when none is asked for.
  package var password = ""
  /// Number of the database.
  package var database = 0

  /// Reads a URL.
  ///
  /// - Throws: `RedisError` with kind `configuration`, which does not repeat the password.
  package init(parsing text: String) throws(RedisError) {
    guard !text.hasPrefix("rediss:") else {
      throw Self.refusal("rediss:// needs TLS, which hiredis 0.14 does not have: use redis://")
    }
    if let rest = text.dropping("redis://") {
      try self.init(host: rest)
    } else if let rest = text.dropping("unix:") {
      try self.init(path: rest)
    } else {
      throw Self.refusal("it begins with neither redis:// nor unix:")
    }
    do { try SocketAddress.check(address) } catch { throw Self.refusal(error.message) }
  }

  private init(host text: Substring) throws(RedisError) {
    guard !text.contains("?"), !text.contains("#") else {
      throw Self.refusal("options behind ? or # are not known to redis://")
    }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    // What stands before it would be repeated as a host, and is a piece of a password.
    guard parts.count == 1 || !parts[1].contains("@") else {
      throw Self.refusal("in user and password / is written as %2F, and : as %3A")
    }
    let (login, host) = Self.split(parts[0])
    // A colon inside brackets is one of a v6 address.
    let hasPort = host.split(separator: "]", omittingEmptySubsequences: false).last?.contains(":")
    address = hasPort == true ? String(host) : "\(host):6379"
    if host.isEmpty { throw Self.refusal("it names no host") }
    try logIn(login)
    if parts.count > 1, !parts[1].isEmpty { database = try Self.number(parts[1]) }
  }

  private init(path text: Substring) throws(RedisError) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path = parts[0]
    var login: Substring?
    if let rest = path.dropping("//") {
      guard let slash = rest.firstIndex(of: "/") else {
        throw Self.refusal("it names no path of a socket")
      }
      let before = rest[..<slash]
      guard before.isEmpty || before.hasSuffix("@") else {
        throw Self.refusal("the path of a socket begins with a slash: unix:///path")
      }
      login = before.isEmpty ? nil : before.dropLast()
      path = rest[slash...]
    }
    address = "unix:\(try Self.decoded(path))"
    try logIn(login)
    if parts.count > 1 {
      guard let number = parts[1].dropping("db=") else {
        throw Self.refusal("?db=N is the only option of unix:")
      }
      database = try Self.number(number)
    }
  }

  /// What stands before the last @, and what behind it.
  private static func split(_ text: Substring) -> (Substring?, Substring) {
    guard let at = text.lastIndex(of: "@") else { return (nil, text) }
    return (text[..<at], text[text.index(after: at)...])
  }

  private mutating func logIn(_ text: Substring?) throws(RedisError) {
    guard let text else { return }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Self.refusal("before the @ stands user:password") }
    user = try Self.decoded(parts[0])
    password = try Self.decoded(parts[1])
    if password.isEmpty, !user.isEmpty { throw Self.refusal("the user has no password") }
  }

  /// Replaces %XX by the byte that it stands for.
  private static func decoded(_ text: Substring) throws(RedisError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(Substring(rest.prefix(2)))
      guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
        let byte = UInt8(digits, radix: 16)
      else { throw refusal("a % is not followed by two hexadecimal digits") }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw refusal("what stands behind its % is no UTF-8")
    }
    return decoded
  }

  private static func number(_ text: Substring) throws(RedisError) -> Int {
    guard let number = UInt16(text) else { throw refusal("the database is not a number") }
    return Int(number)
  }

  private static func refusal(_ reason: String) -> RedisError {
    RedisError(.configuration, "the address of Redis makes no sense: \(reason)")
  }

  /// The address and the database, for logs: no user, no password.
  package var description: String {
    let isSocket = address.hasPrefix("unix:")
    let place = isSocket ? address : "redis://\(address)"
    guard database != 0 else { return place }
    return isSocket ? "\(place)?db=\(database)" : "\(place)/\(database)"
  }
}

extension StringProtocol where SubSequence == Substring {
  /// What stands behind a prefix; nil when it is not there.
  fileprivate func dropping(_ prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
