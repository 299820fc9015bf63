package import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Synchronization

/// What an agent has measured and nobody has acknowledged, in a folder that is the agent's own.
///
/// Samples go in before they go to the server, as numbered messages, and leave when the server
/// acknowledges them. No call blocks the caller's thread: writes happen on the spool's, and those
/// that wait together share a transaction. An append returns when its samples survive a kill of
/// the process, so who waits for it holds no more than its own samples: that is the backpressure.
package final class Spool: Sendable {
  private struct Counts {
    var unwritten = 0
    var stored = 0
  }

  private let file: SpoolFile
  private let writer: SpoolWriter
  private let limits: SpoolLimits
  private let counts: Mutex<Counts>

  /// Opens the spool of a folder, which is made when it is missing; blocks shortly. Throws
  /// `SpoolError`: `unavailable` when another agent has the folder, `corrupt` when it is damaged.
  package init(folder: String, limits: SpoolLimits = SpoolLimits()) throws {
    self.file = try SpoolFile(folder: folder)
    self.writer = SpoolWriter(file.database)
    self.limits = limits
    do {
      let stored = try file.database.read { database in
        try Int.fetchOne(database, sql: "SELECT total(sample_count) FROM message")
      }
      self.counts = Mutex(Counts(stored: stored ?? 0))
    } catch let error as DatabaseError { throw SpoolError(error, path: file.database.path) }
  }

  /// The agent's id: made when the folder was new, the same ever since.
  package var agentID: String { file.agentID }

  /// Samples that nobody acknowledged, on the disk or on their way there.
  package var sampleCount: Int { counts.withLock { $0.unwritten + $0.stored } }

  /// Writes samples of one execution as messages of up to 256, numbered in the order of the
  /// calls; returns the messages when they are on the disk. Throws `SpoolError`; the samples are
  /// then not in the spool and the caller may try again.
  package func append(
    _ samples: [RequestSample], executionID: String, fence: Fence
  ) async throws -> [SpooledBatch] {
    guard !samples.isEmpty else { return [] }
    try reserve(samples.count)
    do {
      let batches = try await writer.write { database in
        try Self.insert(samples, executionID, fence, database)
      }
      settle(unwritten: -samples.count, stored: samples.count)
      return batches
    } catch {
      settle(unwritten: -samples.count, stored: 0)
      throw error
    }
  }

  /// The messages behind a number, in order, at most `limit`; what a restarted agent sends first.
  package func pending(after sequence: UInt64 = 0, limit: Int = 4_096) async throws
    -> [SpooledBatch]
  {
    try await writer.write { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT sequence, batch_id, token, execution_id, samples FROM message
          WHERE sequence > ? ORDER BY sequence LIMIT ?
          """, arguments: [Int64(clamping: sequence), limit]
      ).map(Self.batch)
    }
  }

  /// Forgets a message that the server has; one that is not there is none's loss.
  package func acknowledge(_ sequence: UInt64) async throws {
    try await remove("WHERE sequence = ?", [Int64(clamping: sequence).databaseValue])
  }

  /// Remembers a lease that was granted, until it is released or dropped.
  package func hold(_ fence: Fence) async throws {
    try await writer.write { database in
      try database.execute(
        sql: "INSERT OR IGNORE INTO lease (batch_id, token) VALUES (?, ?)",
        arguments: [fence.batchID, fence.token])
    }
  }

  /// Forgets a lease whose work is done; its unacknowledged messages stay.
  package func release(_ fence: Fence) async throws {
    try await writer.write { try Self.forget(fence, $0) }
  }

  /// Forgets a lease that is another agent's now, and its messages; returns how many samples
  /// those held.
  @discardableResult
  package func drop(_ fence: Fence) async throws -> Int {
    try await remove(
      "WHERE batch_id = ? AND token = ?",
      [fence.batchID.databaseValue, fence.token.databaseValue], forgetting: fence)
  }

  /// The leases that the agent goes on with or still has messages of.
  package func heldLeases() async throws -> [Fence] {
    try await writer.write { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT batch_id, token FROM lease UNION SELECT batch_id, token FROM message
          ORDER BY batch_id, token
          """
      ).map { Fence(batchID: try Self.column(0, $0), token: try Self.column(1, $0)) }
    }
  }

  /// Brings what is spooled from the write-ahead log into the file and empties the log; what an
  /// agent that stops does last.
  package func checkpoint() async throws {
    do {
      try await file.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    } catch let error as DatabaseError { throw SpoolError(error, path: file.database.path) }
  }

  /// Writes that no transaction has begun with.
  var waitingWriteCount: Int { writer.waitingCount }

  /// Runs a write of one topic, or of a test, among the others.
  func withWriter(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
    try await writer.write(body)
  }

  /// Runs a read behind the writes that were asked for before it.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await writer.write(body)
  }

  private func reserve(_ count: Int) throws(SpoolError) {
    try counts.withLock { counts throws(SpoolError) in
      guard counts.unwritten + count <= limits.unwrittenSampleCount else {
        throw SpoolError(.overloaded, "More samples wait for the disk than the spool takes.")
      }
      guard counts.unwritten + counts.stored + count <= limits.storedSampleCount else {
        throw SpoolError(.full, "The server has not acknowledged all that the spool can hold.")
      }
      counts.unwritten += count
    }
  }

  private func settle(unwritten: Int, stored: Int) {
    counts.withLock { counts in
      counts.unwritten += unwritten
      counts.stored += stored
    }
  }

  @discardableResult
  private func remove(
    _ condition: String, _ arguments: [DatabaseValue], forgetting fence: Fence? = nil
  ) async throws -> Int {
    let count = try await writer.write { database in
      if let fence { try Self.forget(fence, database) }
      let arguments = StatementArguments(arguments)
      let count = try Int.fetchOne(
        database, sql: "SELECT total(sample_count) FROM message \(condition)",
        arguments: arguments)
      try database.execute(sql: "DELETE FROM message \(condition)", arguments: arguments)
      return count ?? 0
    }
    settle(unwritten: 0, stored: -count)
    return count
  }
}

extension Spool {
  private static func insert(
    _ samples: [RequestSample], _ executionID: String, _ fence: Fence, _ database: Database
  ) throws -> [SpooledBatch] {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO message (batch_id, token, execution_id, sample_count, samples)
        VALUES (?, ?, ?, ?, ?)
        """)
    return try stride(from: 0, to: samples.count, by: SpooledBatch.sampleLimit).map { start in
      let part = Array(samples[start..<min(samples.count, start + SpooledBatch.sampleLimit)])
      try statement.execute(arguments: [
        fence.batchID, fence.token, executionID, part.count, Data(SampleCoding.encode(part)),
      ])
      return SpooledBatch(
        sequence: UInt64(database.lastInsertedRowID), fence: fence, executionID: executionID,
        samples: part)
    }
  }

  private static func forget(_ fence: Fence, _ database: Database) throws {
    for table in ["lease", "segment"] {
      try database.execute(
        sql: "DELETE FROM \(table) WHERE batch_id = ? AND token = ?",
        arguments: [fence.batchID, fence.token])
    }
  }

  private static func batch(_ row: Row) throws -> SpooledBatch {
    let sequence: Int64 = try column(0, row)
    let samples: Data = try column(4, row)
    return SpooledBatch(
      sequence: UInt64(clamping: sequence),
      fence: Fence(batchID: try column(1, row), token: try column(2, row)),
      executionID: try column(3, row), samples: try SampleCoding.decode([UInt8](samples)))
  }

  static func column<Value: DatabaseValueConvertible>(_ index: Int, _ row: Row) throws
    -> Value
  {
    let stored: DatabaseValue = row[index]
    guard let value = Value.fromDatabaseValue(stored) else {
      throw SpoolError(.corrupt, "A spooled message cannot be read.")
    }
    return value
  }
}
