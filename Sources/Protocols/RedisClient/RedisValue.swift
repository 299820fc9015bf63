/// What Redis answers (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/).
package enum RedisValue: Sendable, Hashable {
  /// Bytes of any kind.
  case string([UInt8])
  /// A word of the protocol, such as `OK`.
  case status(String)
  /// A number.
  case integer(Int64)
  /// Values; an error may be among them.
  case array([RedisValue])
  /// An error inside an array; one that is the whole answer is thrown.
  case error(RedisError)
  /// Nothing is there.
  case null

  /// Bytes; nil when nothing is there.
  ///
  /// - Throws: `RedisError` for an answer of another kind.
  package func bytes() throws(RedisError) -> [UInt8]? {
    switch self {
    case .string(let bytes): bytes
    case .null: nil
    default: throw RedisError(.unexpected, "Redis answered with something that is not a string")
    }
  }

  /// A number.
  ///
  /// - Throws: `RedisError` for an answer of another kind.
  package func integer() throws(RedisError) -> Int64 {
    guard case .integer(let number) = self else {
      throw RedisError(.unexpected, "Redis answered with something that is not a number")
    }
    return number
  }
}
