import Synchronization

/// Counts bytes in memory over all connections of a process; it may be used from any thread.
///
/// Connections report in steps, so that the fast path touches no shared memory: up to
/// `stepBytes` of each connection are not counted.
package final class ByteLedger: Sendable {
  /// What a connection may hold whatever the others do, and the step in which it reports.
  package static let stepBytes = 65_536

  /// Bytes at which connections that hold more than a step have to wait.
  package let limitBytes: Int
  private let total = Atomic<Int>(0)
  /// Bytes by which windows have grown: as many more may come before anybody is held back.
  private let grown = Atomic<Int>(0)

  package init(limitBytes: Int) {
    self.limitBytes = limitBytes
  }

  /// Bytes that were reported and not taken back.
  package var bytes: Int { total.load(ordering: .relaxed) }

  var isFull: Bool { bytes >= limitBytes }

  /// Lets a connection's windows grow by so much, unless all of them together have grown by the
  /// limit.
  fileprivate func grow(by count: Int) -> Bool {
    if grown.wrappingAdd(count, ordering: .relaxed).newValue <= limitBytes { return true }
    grown.wrappingSubtract(count, ordering: .relaxed)
    return false
  }

  fileprivate func shrink(by count: Int) { grown.wrappingSubtract(count, ordering: .relaxed) }

  fileprivate func add(_ count: Int) { total.wrappingAdd(count, ordering: .relaxed) }

  /// One connection's entry.
  struct Entry {
    private(set) var bytes = 0
    private var reportedBytes = 0
    private var grownBytes = 0
    private let ledger: ByteLedger?

    init(_ ledger: ByteLedger?) { self.ledger = ledger }

    /// Whether all connections together leave no room for more of this one.
    var isOverdrawn: Bool {
      guard bytes > ByteLedger.stepBytes, let ledger else { return false }
      return ledger.isFull
    }

    mutating func add(_ count: Int) {
      bytes += count
      let news = bytes - reportedBytes
      if news >= ByteLedger.stepBytes || -news >= ByteLedger.stepBytes { report() }
    }

    /// Counts by how much the connection's windows have grown; false when they may not.
    mutating func grow(to count: Int) -> Bool {
      let more = count - grownBytes
      guard more > 0, let ledger else { return true }
      guard ledger.grow(by: more) else { return false }
      grownBytes = count
      return true
    }

    /// Takes back what is left, once.
    mutating func close() {
      ledger?.shrink(by: grownBytes)
      grownBytes = 0
      bytes = 0
      report()
    }

    private mutating func report() {
      ledger?.add(bytes - reportedBytes)
      reportedBytes = bytes
    }
  }
}

/// The memory that all connections of a server share.
package struct HTTP2Ledgers: Sendable {
  /// Bytes of requests.
  package let inbound: ByteLedger
  /// Bytes of answers that wait for their peers.
  package let outbound: ByteLedger

  package init(inbound: ByteLedger, outbound: ByteLedger) {
    self.inbound = inbound
    self.outbound = outbound
  }
}
