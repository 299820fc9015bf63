import Synchronization

/// A number that only grows; it may be used from any thread.
package final class Counter: Sendable {
  private let count = Atomic<UInt64>(0)

  init() {}

  /// Adds to the number.
  package func add(_ amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

  /// The sum of what was added.
  package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down; it may be used from any thread.
package final class Gauge: Sendable {
  private let count = Atomic<Int64>(0)

  init() {}

  /// Moves the number.
  package func add(_ amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

  /// Replaces the number.
  package func set(_ value: Int64) { count.store(value, ordering: .relaxed) }

  /// The number now.
  package var value: Int64 { count.load(ordering: .relaxed) }
}
