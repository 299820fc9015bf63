import GRPC
import HTTP2

/// One bound of the transport: what it is called at `--limit`, what it means, and where it is kept.
struct TransportLimit: Sendable {
  typealias Place<Value> = WritableKeyPath<ServerConfiguration, Value> & Sendable

  /// The setting's name in words between hyphens.
  let name: String
  /// What is bounded, and what becomes of more.
  let meaning: String
  /// What may be said, such as "a size with its unit, from 1KiB to 1GiB".
  let domain: String
  private let read: @Sendable (ServerConfiguration) -> String
  private let write: @Sendable (Substring, inout ServerConfiguration) -> Bool

  /// The value of a configuration as it is written at `--limit`.
  func text(in configuration: ServerConfiguration) -> String { read(configuration) }

  /// Puts a value in its place; false, and nothing is changed, when it is none that is allowed.
  func set(_ text: Substring, in configuration: inout ServerConfiguration) -> Bool {
    write(text, &configuration)
  }

  /// A number of things.
  static func count<Number: FixedWidthInteger & Sendable>(
    _ name: String, _ place: any Place<Number>, _ range: ClosedRange<Number>, _ meaning: String
  ) -> TransportLimit {
    TransportLimit(
      name: name, meaning: meaning,
      domain: "a number from \(range.lowerBound) to \(range.upperBound)",
      read: { String($0[keyPath: place]) },
      write: { text, configuration in
        guard let value = Quantity.number(text).flatMap({ Number(exactly: $0) }),
          range.contains(value)
        else { return false }
        configuration[keyPath: place] = value
        return true
      })
  }

  /// A number of bytes.
  static func size<Number: FixedWidthInteger & Sendable>(
    _ name: String, _ place: any Place<Number>, _ range: ClosedRange<Number>, _ meaning: String
  ) -> TransportLimit {
    let bounds = [range.lowerBound, range.upperBound].map { Quantity.text(bytes: Int($0)) }
    return TransportLimit(
      name: name, meaning: meaning,
      domain: "a size with its unit (B, KiB, MiB, GiB), from \(bounds[0]) to \(bounds[1])",
      read: { Quantity.text(bytes: Int($0[keyPath: place])) },
      write: { text, configuration in
        guard let value = Quantity.bytes(text).flatMap({ Number(exactly: $0) }),
          range.contains(value)
        else { return false }
        configuration[keyPath: place] = value
        return true
      })
  }

  /// A time.
  static func time(
    _ name: String, _ place: any Place<Duration>, _ range: ClosedRange<Duration>,
    _ meaning: String
  ) -> TransportLimit {
    TransportLimit(
      name: name, meaning: meaning, domain: words(range),
      read: { Quantity.text(duration: $0[keyPath: place]) },
      write: { text, configuration in
        guard let value = Quantity.duration(text), range.contains(value) else { return false }
        configuration[keyPath: place] = value
        return true
      })
  }

  /// A time, or `none`.
  static func timeOrNone(
    _ name: String, _ place: any Place<Duration?>, _ range: ClosedRange<Duration>,
    _ meaning: String
  ) -> TransportLimit {
    TransportLimit(
      name: name, meaning: meaning, domain: "none or " + words(range),
      read: { $0[keyPath: place].map { Quantity.text(duration: $0) } ?? "none" },
      write: { text, configuration in
        if text == "none" {
          configuration[keyPath: place] = nil
          return true
        }
        guard let value = Quantity.duration(text), range.contains(value) else { return false }
        configuration[keyPath: place] = value
        return true
      })
  }

  /// So many at once, and so many a second.
  static func rate(
    _ name: String, _ place: any Place<EventRate>, _ meaning: String
  ) -> TransportLimit {
    let range = 1...1_000_000_000
    return TransportLimit(
      name: name, meaning: meaning,
      domain: "a rate such as 200+20/s (200 at once, 20 a second), numbers from "
        + "\(range.lowerBound) to \(range.upperBound)",
      read: { Quantity.text(rate: $0[keyPath: place]) },
      write: { text, configuration in
        guard let value = Quantity.rate(text), range.contains(value.burst),
          range.contains(value.perSecond)
        else { return false }
        configuration[keyPath: place] = value
        return true
      })
  }

  /// Yes or no.
  static func choice(
    _ name: String, _ place: any Place<Bool>, _ meaning: String
  ) -> TransportLimit {
    TransportLimit(
      name: name, meaning: meaning, domain: "true or false",
      read: { String($0[keyPath: place]) },
      write: { text, configuration in
        guard let value = Bool(String(text)) else { return false }
        configuration[keyPath: place] = value
        return true
      })
  }

  private static func words(_ range: ClosedRange<Duration>) -> String {
    let bounds = [range.lowerBound, range.upperBound].map { Quantity.text(duration: $0) }
    return "a time with its unit (ms, s, min, h, d), from \(bounds[0]) to \(bounds[1])"
  }
}
