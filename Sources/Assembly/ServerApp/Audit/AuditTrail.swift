import BenchmarkDomain
import Logging
import Storage
import Synchronization
import Telemetry

/// Writes who changed what into the store, right behind the calls.
///
/// While the store fails records wait, up to a bound, and what comes then is lost and counted; so
/// is a record that the store never takes, alone, and what waits when the process is killed.
final class AuditTrail: Sendable {
  /// Most records that wait.
  static let waitingLimit = 10_000
  /// Most records that are written at once.
  private static let groupLimit = 500
  /// Most bytes of a subject; more are cut off.
  private static let subjectLimit = 500

  private struct Waiting {
    let call: AuditedCall
    let endedAt: ContinuousClock.Instant
  }

  private let store: any AuditStore
  private let logger: Logger
  private let lost: Counter
  private let waiting = Mutex<[Waiting]>([])
  private let wakeUps: AsyncStream<Void>
  private let waker: AsyncStream<Void>.Continuation
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(_ store: any AuditStore, _ registry: MetricRegistry, _ logger: Logger) {
    (self.store, self.logger) = (store, logger)
    (wakeUps, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    lost = registry.counters(
      "benchfront_audit_records_lost_total",
      help:
        "Records of who changed what that too many others waited before, or no store would take."
    ).child()
  }

  /// Takes a call that has just ended; never waits.
  func add(_ call: AuditedCall) {
    var call = call
    call.subject = String(decoding: call.subject.utf8.prefix(Self.subjectLimit), as: UTF8.self)
    let hasRoom = waiting.withLock { waiting in
      guard waiting.count < Self.waitingLimit else { return false }
      waiting.append(Waiting(call: call, endedAt: .now))
      return true
    }
    if hasRoom { waker.yield() } else { lost.add() }
  }

  /// Begins to write. `pause` follows what the store refuses; it throws when it is cancelled.
  func start(
    pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(1)) }
  ) {
    let running = Task { [self] in
      for await _ in wakeUps {
        var isFailing = false
        while let error = await writeAll(), !Task.isCancelled {
          if !isFailing {
            logger.error("audit records wait for the store", metadata: ["error": "\(error)"])
          }
          isFailing = true
          do { try await pause() } catch { break }
        }
        if isFailing, !Task.isCancelled { logger.notice("the store takes audit records again") }
      }
    }
    task.withLock { $0 = running }
  }

  /// Writes what waits, if the store takes it, and ends.
  func stop() async {
    waker.finish()
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
    let error = await writeAll()
    guard let error else { return }
    let count = waiting.withLock { $0.count }
    logger.error("audit records are lost", metadata: ["count": "\(count)", "error": "\(error)"])
  }

  /// Writes until nothing waits; returns what the store fails with.
  private func writeAll() async -> (any Error)? {
    var limit = Self.groupLimit
    while true {
      let group = waiting.withLock { Array($0.prefix(limit)) }
      guard !group.isEmpty else { return nil }
      let calls = group.map { (call: $0.call, age: ContinuousClock.now - $0.endedAt) }
      // Nothing cuts it short: nobody would know whether it was written.
      let writing = Task { [store] in try await store.append(calls) }
      do { try await writing.value } catch {
        guard Self.isAboutRecords(error) else { return error }
        // One of them must not keep the others out: halves find it.
        guard group.count == 1 else {
          limit = group.count / 2
          continue
        }
        lost.add()
        logger.error("an audit record is lost", metadata: ["error": "\(error)"])
      }
      waiting.withLock { $0.removeFirst(group.count) }
      limit = min(2 * limit, Self.groupLimit)
    }
  }

  /// Whether the store would fail at the same records again.
  private static func isAboutRecords(_ error: any Error) -> Bool {
    switch (error as? StorageError)?.code {
    case .invalid, .failed, .corrupt, .failedPrecondition, .alreadyExists, .notFound: true
    case .conflict, .superseded, .full, .unavailable, nil: false
    }
  }
}
