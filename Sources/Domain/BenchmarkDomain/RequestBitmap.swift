/// Which requests of an execution are committed. Bit i of byte i / 8 (lowest first) is request i.
package struct RequestBitmap: Sendable, Hashable {
  /// Requests that it has room for.
  package let count: Int
  /// The bits, `(count + 7) / 8` bytes.
  package private(set) var bytes: [UInt8]
  /// How many requests are committed.
  package private(set) var committedCount: Int

  /// Makes an empty bitmap for `count` requests.
  package init(count: Int) {
    self.count = max(0, count)
    self.bytes = [UInt8](repeating: 0, count: (max(0, count) + 7) / 8)
    committedCount = 0
  }

  /// Reads stored bits; nil when there are too many or too few, or one beyond `count` is set.
  package init?(count: Int, bytes: [UInt8]) {
    guard count >= 0, bytes.count == (count + 7) / 8 else { return nil }
    if count % 8 != 0, let last = bytes.last, last >> UInt8(count % 8) != 0 { return nil }
    self.count = count
    self.bytes = bytes
    committedCount = bytes.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// True when the request is committed; false when it is not or there is no such request.
  package func contains(_ index: Int) -> Bool {
    index >= 0 && index < count && bytes[index / 8] & (1 << UInt8(index % 8)) != 0
  }

  /// Marks a request; false when it was marked already or there is no such request.
  package mutating func insert(_ index: Int) -> Bool {
    guard index >= 0, index < count, !contains(index) else { return false }
    bytes[index / 8] |= 1 << UInt8(index % 8)
    committedCount += 1
    return true
  }

  /// True when every request is committed.
  package var isFull: Bool { committedCount == count }

  /// The requests that are not committed, in order.
  package var missing: [Int] { (0..<count).filter { !contains($0) } }
}
