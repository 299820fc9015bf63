/// How many bytes of samples are committed together: all that may be, unless that takes too long,
/// as over a slow link to the database, which ends what does not arrive in time.
struct GroupSize {
  /// What a small group has of a large one.
  private static let leastShare = 128
  /// A commit that took no longer lets the next one be larger.
  private static let quick = Duration.seconds(2)

  private let most: Int
  private(set) var bytes: Int

  init(most: Int) {
    self.most = most
    bytes = most
  }

  /// So many bytes were not committed: half of them may be.
  mutating func failed(with count: Int) {
    bytes = max(most / Self.leastShare, min(bytes, count / 2))
  }

  mutating func wentWell(in duration: Duration) {
    if duration <= Self.quick { bytes = min(most, bytes * 2) }
  }

  /// How many messages of these sizes make the next group, at least one.
  func count(of messages: [Int]) -> Int {
    var left = bytes
    let count = messages.prefix { size in
      left -= size
      return left >= 0
    }.count
    return max(1, count)
  }
}
