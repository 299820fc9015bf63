import Synchronization

/// Metrics of one name that differ in the values of their labels; usable from any thread.
///
/// A child is looked up once and then kept: the look-up takes a lock.
package final class MetricFamily<Child: Sendable>: Sendable {
  /// Name as it is shown.
  package let name: String
  let help: String
  let labels: [String]
  private let make: @Sendable () -> Child
  private let children = Mutex<[[String]: Child]>([:])

  init(name: String, help: String, labels: [String], make: @escaping @Sendable () -> Child) {
    precondition(MetricName.isMetric(name), "'\(name)' cannot name a metric")
    precondition(labels.allSatisfy(MetricName.isLabel), "a label of \(name) has an illegal name")
    (self.name, self.help, self.labels, self.make) = (name, help, labels, make)
  }

  /// The metric with these values, in the order of the labels' names; made when it is new.
  package func child(_ values: [String] = []) -> Child {
    precondition(values.count == labels.count, "\(name) has \(labels.count) labels")
    return children.withLock { children in
      if let known = children[values] { return known }
      let new = make()
      children[values] = new
      return new
    }
  }

  /// The children by the values of their labels, in the order of those.
  var sorted: [(labels: [String], child: Child)] {
    children.withLock { $0.map { (labels: $0.key, child: $0.value) } }
      .sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
  }
}
