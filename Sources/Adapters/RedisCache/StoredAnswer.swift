import BenchmarkDomain
import Storage

/// How an answer lies in Redis: under a name made by a hash, with its whole key before it, so that
/// neither two keys of one hash nor a value of somebody else are taken for it, and behind a hash of
/// itself, so that no part of it is.
enum StoredAnswer {
  /// The names of one answer; the braces keep them on one node of a cluster.
  struct Names {
    /// Where the answer is.
    let answer: String
    /// Where it is said who computes it.
    let claim: String

    init(_ key: AnswerKey) {
      var hash = ContentHash()
      hash.add(key.bytes[...])
      let id = hash.id(prefix: "")
      answer = "benchfront:answer:v1:{\(id)}"
      claim = "benchfront:claim:v1:{\(id)}"
    }
  }

  private static let mark: [UInt8] = Array("BFA2".utf8)

  /// The mark, the key's length in four bytes, the key, the answer's hash in sixteen, the answer.
  static func encode(_ answer: [UInt8], of key: AnswerKey) -> [UInt8] {
    head(key) + hash(answer[...]) + answer
  }

  private static func head(_ key: AnswerKey) -> [UInt8] {
    var bytes = mark
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: key.bytes.count).littleEndian) { bytes += $0 }
    return bytes + key.bytes
  }

  private static func hash(_ answer: ArraySlice<UInt8>) -> [UInt8] {
    var hash = ContentHash()
    hash.add(answer)
    return hash.digest.bytes
  }

  /// The answer; nil when the bytes are not one to this key.
  static func decode(_ bytes: [UInt8], of key: AnswerKey) -> [UInt8]? {
    let head = head(key)
    guard bytes.count >= head.count + 16, bytes.prefix(head.count).elementsEqual(head) else {
      return nil
    }
    let answer = bytes[(head.count + 16)...]
    guard bytes[head.count...].prefix(16).elementsEqual(hash(answer)) else { return nil }
    return Array(answer)
  }
}
