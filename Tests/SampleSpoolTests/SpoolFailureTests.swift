import BenchmarkDomain
import Foundation
import GRDB
import Testing

@testable import SampleSpool

@Suite("A spool that fails")
struct SpoolFailureTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
  let fence = Fence(batchID: "batch", token: 3)

  func samples(_ count: UInt32) -> [RequestSample] {
    (0..<count).map {
      RequestSample(requestIndex: $0, segment: 0, outcome: .ok, scheduled: 0, sent: 0, end: 1)
    }
  }

  /// Appends samples of several executions in one transaction and returns how each went.
  func appendTogether(
    _ counts: [UInt32], to spool: Spool
  ) async throws -> [Result<[SpooledBatch], any Error>] {
    let gate = DispatchSemaphore(value: 0)
    let (starts, started) = AsyncStream.makeStream(of: Void.self)
    let holdingUp = Task {
      try await spool.withWriter { _ in
        started.finish()
        gate.wait()
      }
    }
    for await _ in starts {}
    var appends: [Task<[SpooledBatch], any Error>] = []
    for (index, count) in counts.enumerated() {
      let samples = samples(count)
      appends.append(
        Task { try await spool.append(samples, executionID: "e\(index)", fence: fence) })
      while spool.waitingWriteCount <= index { await Task.yield() }
    }
    gate.signal()
    try await holdingUp.value
    var results: [Result<[SpooledBatch], any Error>] = []
    for append in appends { results.append(await append.result) }
    return results
  }

  // ABORT undoes the statement, FAIL not even that, ROLLBACK the whole transaction: as SQLite's
  // own errors do, a full disk among the last.
  @Test(
    "an append that fails takes nothing of the others in its transaction along, nor leaves a part",
    arguments: ["ABORT", "FAIL", "ROLLBACK"])
  func oneOfAGroup(kind: String) async throws {
    let spool = try Spool(folder: folder)
    try await spool.withWriter { database in
      try database.execute(
        sql: """
          CREATE TRIGGER refusal BEFORE INSERT ON message WHEN NEW.sample_count = 88
          BEGIN SELECT RAISE(\(kind), 'refused'); END
          """)
    }
    // The second one's third message is refused.
    let results = try await appendTogether([10, 600, 20, 300], to: spool)
    let error = #expect(throws: SpoolError.self) { try results[1].get() }
    #expect(error?.message.contains("refused") == true)
    let kept = try results[0].get() + results[2].get() + results[3].get()
    #expect(kept.map(\.samples.count) == [10, 20, 256, 44])
    #expect(try await spool.pending() == kept)
    #expect(spool.sampleCount == 330)
  }

  @Test("a full disk fails those that do not fit, and keeps those that do")
  func fullDisk() async throws {
    let spool = try Spool(folder: folder)
    try await spool.withWriter { try $0.execute(sql: "PRAGMA max_page_count = 14") }
    let results = try await appendTogether([1, 6_000, 2, 6_000, 3], to: spool)
    for index in [1, 3] {
      let error = #expect(throws: SpoolError.self) { try results[index].get() }
      #expect(error?.code == .full)
      #expect(error?.message.contains("\(folder)/spool.sqlite") == true)
    }
    let kept = try results[0].get() + results[2].get() + results[4].get()
    #expect(kept.map(\.samples.count) == [1, 2, 3])
    #expect(try await spool.pending() == kept)
    #expect(spool.sampleCount == 6)
  }

  @Test("a spool that cannot be opened is told with its path and the reason")
  func opening() throws {
    try Data().write(to: URL(filePath: folder))
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let below = folder + "/a/b"
    #expect(
      throws: SpoolError(
        .unavailable, "The spool's folder \(below) cannot be made: Not a directory.")
    ) { try Spool(folder: below) }
    #expect(
      throws: SpoolError(
        .unavailable, "The spool's folder \(folder) cannot be written: Not a directory.")
    ) { try Spool(folder: folder) }

    let other = folder + "-directory"
    try FileManager.default.createDirectory(
      atPath: other + "/spool.sqlite", withIntermediateDirectories: true)
    let error = #expect(throws: SpoolError.self) { try Spool(folder: other) }
    #expect(error?.code == .unavailable)
    #expect(
      error?.message
        == "The spool \(other)/spool.sqlite cannot be used: unable to open database file "
        + "(SQLite 14).")
  }
}
