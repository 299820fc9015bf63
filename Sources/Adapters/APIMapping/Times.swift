package import APIBindings
package import BenchmarkDomain

extension Timestamp {
  /// The interface's time of a domain time.
  package init(_ time: WallTime) {
    let (seconds, nanos) = Self.floored(time.nanoseconds)
    self.init(seconds: seconds, nanos: nanos)
  }

  /// Seconds rounded down, so that the rest is never negative, as protobuf wants it.
  private static func floored(_ nanoseconds: Int64) -> (Int64, Int32) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest < 0 ? (seconds - 1, Int32(rest + 1_000_000_000)) : (seconds, Int32(rest))
  }
}

extension WallTime: MessageReadable {
  package init(reading message: Timestamp) throws(InvalidField) {
    let nanos = try number(message.nanos, "nanos", in: 0...999_999_999)
    let (whole, overflowed) = message.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = whole.addingReportingOverflow(Int64(nanos))
    guard !overflowed, !carried else {
      throw InvalidField("seconds", "must lie between the years 1678 and 2261")
    }
    self.init(nanoseconds: sum)
  }
}

extension ProtobufDuration {
  /// The interface's duration, to the nanosecond.
  package init(_ duration: Swift.Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
  }
}

extension Swift.Duration: MessageReadable {
  /// Not negative, at most ten thousand years, as protobuf has it.
  package init(reading message: ProtobufDuration) throws(InvalidField) {
    let seconds = try number(message.seconds, "seconds", in: 0...315_576_000_000)
    let nanos = try number(message.nanos, "nanos", in: 0...999_999_999)
    self = .seconds(seconds) + .nanoseconds(nanos)
  }
}
