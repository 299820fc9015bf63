/// The most that a request may take to count as good, in seconds; nil does not constrain.
package struct ServiceObjectives: Sendable, Hashable {
  package var timeToFirstTokenSeconds: Double?
  package var timePerOutputTokenSeconds: Double?
  package var endToEndSeconds: Double?

  /// Throws `notFinite` or `outOfRange` unless every limit is a finite positive number.
  package init(
    timeToFirstTokenSeconds: Double? = nil, timePerOutputTokenSeconds: Double? = nil,
    endToEndSeconds: Double? = nil
  ) throws(StatisticsError) {
    for limit in [timeToFirstTokenSeconds, timePerOutputTokenSeconds, endToEndSeconds] {
      guard let limit else { continue }
      guard limit.isFinite else { throw StatisticsError(.notFinite, "an objective is \(limit)") }
      guard limit > 0 else { throw StatisticsError(.outOfRange, "an objective is \(limit)") }
    }
    self.timeToFirstTokenSeconds = timeToFirstTokenSeconds
    self.timePerOutputTokenSeconds = timePerOutputTokenSeconds
    self.endToEndSeconds = endToEndSeconds
  }

  /// Whether a request succeeded within every limit.
  ///
  /// An answer of one token has no TPOT and meets a limit on it; one without content meets none.
  package func areMet(by request: RequestTiming) -> Bool {
    guard request.succeeded, let first = request.timeToFirstTokenSeconds,
      let endToEnd = request.endToEndSeconds
    else { return false }
    if let limit = timeToFirstTokenSeconds, first > limit { return false }
    if let limit = endToEndSeconds, endToEnd > limit { return false }
    if let limit = timePerOutputTokenSeconds, let time = request.timePerOutputTokenSeconds {
      return time <= limit
    }
    return true
  }
}
