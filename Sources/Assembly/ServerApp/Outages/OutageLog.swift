import Logging
import Reactor
import Storage

/// Tells in the log of one part that may fail: when it begins to, once for each cause, and when it
/// is back, with how long it was away.
struct OutageLog {
  private let part: String
  private let logger: Logger
  private let level: Logger.Level
  private var since: MonotonicTime?
  private var told: Set<OutageCause> = []

  /// - Parameters:
  ///   - part: what fails, as the subject of a sentence.
  ///   - level: how grave that is.
  init(_ part: String, _ logger: Logger, _ level: Logger.Level = .error) {
    (self.part, self.logger, self.level) = (part, logger, level)
  }

  /// Somebody has looked; nil when all is well.
  mutating func looked(_ outage: StoreOutage?, at now: MonotonicTime) {
    guard let outage else { return isBack(at: now) }
    if since == nil { since = now }
    guard told.insert(outage.cause).inserted else { return }
    logger.log(
      level: level,
      outage.isPartial ? "\(part) does not do all its part" : "\(part) is unavailable",
      metadata: ["cause": "\(outage.cause.rawValue)", "reason": "\(outage.reason)"])
  }

  private mutating func isBack(at now: MonotonicTime) {
    guard let since else { return }
    self.since = nil
    told = []
    let seconds = Double(now.duration(since: since).wholeNanoseconds / 100_000_000) / 10
    logger.notice("\(part) is back", metadata: ["away_seconds": "\(seconds)"])
  }
}
