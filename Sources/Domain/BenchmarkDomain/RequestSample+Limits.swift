// What a sample may hold at most: agents keep to it, servers refuse what exceeds it.

extension RequestSample {
  /// Most tokens or chunks of a request.
  package static let maximumTokens: UInt32 = 10_000_000
  /// Most bytes of a sample's gaps.
  package static let maximumGapBytes = 1 << 20
  /// Latest stamp in nanoseconds: a segment of a year.
  package static let latestStamp: UInt64 = 31_536_000_000_000_000
  /// Largest HTTP status.
  package static let largestStatus: UInt32 = 999
  /// Content chunks beyond the asked tokens that are let through: an engine may cut one token's
  /// bytes into two chunks.
  package static let chunkTolerance: UInt32 = 8
}
