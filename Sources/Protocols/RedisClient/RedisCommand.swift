/// A part of a command.
package protocol RedisArgument: Sendable {
  /// How it is sent.
  var redisBytes: [UInt8] { get }
}

extension String: RedisArgument {
  /// The text in UTF-8.
  package var redisBytes: [UInt8] { Array(utf8) }
}

extension [UInt8]: RedisArgument {
  /// The bytes as they are.
  package var redisBytes: [UInt8] { self }
}

extension Int64: RedisArgument {
  /// The number in decimal.
  package var redisBytes: [UInt8] { Array(String(self).utf8) }
}

/// One command with its arguments, which may be any bytes.
package struct RedisCommand: Sendable, Hashable {
  /// Name and arguments.
  package let parts: [[UInt8]]

  /// Makes a command, e.g. `RedisCommand("SET", key, bytes, "PX", Int64(500))`.
  package init(_ name: String, _ arguments: any RedisArgument...) {
    parts = [name.redisBytes] + arguments.map(\.redisBytes)
  }

  var byteCount: Int { parts.reduce(0) { $0 + $1.count + 16 } }

  /// Commands after which answers no longer come one for one and in order, or in another protocol.
  private static let upsetting: Set<String> = [
    "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE",
    "MONITOR", "SYNC", "PSYNC", "HELLO", "RESET", "QUIT",
  ]

  /// Why no connection takes it; nil when it may be sent.
  var refusal: RedisError? {
    let words = parts.prefix(2).map { String(decoding: $0, as: UTF8.self).uppercased() }
    guard let name = words.first, !name.isEmpty else {
      return RedisError(.unexpected, "a command has no name")
    }
    if Self.upsetting.contains(name) || words == ["CLIENT", "REPLY"] {
      return RedisError(
        .unexpected, "\(words.joined(separator: " ")) is not for shared connections")
    }
    guard byteCount < 512 << 20 else {
      return RedisError(.unexpected, "a command is limited to 512 MiB")
    }
    return nil
  }
}
