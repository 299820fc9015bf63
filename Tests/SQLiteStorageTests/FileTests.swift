import BenchmarkDomain
import Foundation
import GRDB
import Storage
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("The data folder")
struct FileTests {
  let folder: TemporaryFolder
  let clock = TestClock()

  init() throws { folder = try TemporaryFolder() }

  func open(_ path: String? = nil) throws -> SQLiteStore {
    try SQLiteStore(folder: path ?? folder.path) { [clock] in clock.now }
  }

  @Test("every commit waits for the disk, behind a write-ahead log")
  func settings() throws {
    let store = try open()
    let (synchronous, journal, foreignKeys) = try store.withWriter { database in
      (
        try Int.fetchOne(database, sql: "PRAGMA synchronous"),
        try String.fetchOne(database, sql: "PRAGMA journal_mode"),
        try Int.fetchOne(database, sql: "PRAGMA foreign_keys")
      )
    }
    #expect(synchronous == 2)
    #expect(journal == "wal")
    #expect(foreignKeys == 1)
  }

  @Test("a second server on the same folder is refused until the first is gone")
  func lock() throws {
    var first: SQLiteStore? = try open()
    #expect(throws: StorageError(.unavailable, "Another server is using this data folder.")) {
      try open()
    }
    try first?.close()
    first = nil
    _ = try open()
  }

  @Test("a folder that cannot be made is refused")
  func noFolder() throws {
    #expect(FileManager.default.createFile(atPath: folder.path + "/file", contents: Data()))
    #expect(throws: StorageError(.unavailable, "The data folder cannot be made.")) {
      try open(folder.path + "/file/data")
    }
  }

  @Test("a folder that a newer version wrote is refused and left alone")
  func newerSchema() throws {
    try open().withWriter { database in
      try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 tomorrow')")
    }
    let error = #expect(throws: StorageError.self) { try open() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("newer version") == true)
  }

  @Test("what was acknowledged is there after the process was killed")
  func killed() async throws {
    let store = try open()
    let fence = try await store.startedRun(clock: clock)
    for index: UInt32 in 0..<50 { try await store.commitSample(index, fence) }
    // The files as they lie while the store is open are what a killed process leaves.
    let copy = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where !name.hasSuffix("-shm") {
      try FileManager.default.copyItem(
        atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
    }
    let reopened = try open(copy.path)
    #expect(try await reopened.samples(executionID: "run-b0-e0").count == 50)
    #expect(try await reopened.run("run")?.committedSampleCount == 50)
    #expect(try await reopened.execution("run-b0-e0")?.committed.committedCount == 50)
    #expect(try await reopened.commits(runID: "run", after: 0, limit: 100).count == 51)
  }

  @Test("the file alone has what was committed once the log was taken up, or the store closed")
  func oneFile() async throws {
    let store = try open()
    func models() async throws -> [String] {
      let copy = try TemporaryFolder()
      let name = "/benchfront.sqlite"
      try FileManager.default.copyItem(atPath: folder.path + name, toPath: copy.path + name)
      let found = try await open(copy.path).models(kind: nil, page: PageRequest())
      return found.items.map(\.id)
    }
    _ = try await store.register(Model(id: "a"))
    #expect(try await models() == [])
    try await store.checkpoint()
    #expect(try await models() == ["a"])
    _ = try await store.register(Model(id: "b"))
    try store.close()
    #expect(try await models() == ["a", "b"])
    let log = try? FileManager.default.attributesOfItem(
      atPath: folder.path + "/benchfront.sqlite-wal")
    #expect(log?[.size] as? Int ?? 0 == 0)
  }

  @Test("a closed store refuses every call with a clear error")
  func closed() async throws {
    let store = try open()
    try store.close()
    await #expect(throws: StorageError.self) { try await store.run("run") }
    await #expect(throws: StorageError.self) { try await store.register(Model(id: "m")) }
  }

  @Test("a full disk refuses what does not fit, keeps the rest, and goes on when there is room")
  func full() async throws {
    let store = try open()
    let fence = try await store.startedRun(clock: clock)
    try store.withWriter { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      try database.execute(sql: "PRAGMA max_page_count = \(pages + 3)")
    }
    var stored: UInt32 = 0
    let error = await #expect(throws: StorageError.self) {
      for index: UInt32 in 0..<500 {
        try await store.commitSample(index, fence, gaps: 2000)
        stored = index + 1
      }
    }
    #expect(error?.code == .full)
    #expect(await store.look()?.cause == .full)
    #expect(stored > 0)
    #expect(try await store.samples(executionID: "run-b0-e0").count == Int(stored))
    #expect(try await store.run("run")?.committedSampleCount == Int64(stored))
    try store.withWriter { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    try await store.commitSample(stored, fence, gaps: 2000)
    #expect(try await store.run("run")?.committedSampleCount == Int64(stored) + 1)
  }

  @Test("a file that is no database is refused as damaged")
  func garbage() throws {
    let bytes = Data((0..<8192).map { _ in UInt8.random(in: 0...255) })
    try bytes.write(to: URL(filePath: folder.path + "/benchfront.sqlite"))
    let error = #expect(throws: StorageError.self) { try open() }
    #expect(error?.code == .corrupt)
  }

  @Test("a damaged page is told and does not end the process")
  func damagedPage() async throws {
    var store: SQLiteStore? = try open()
    for index in 0..<100 {
      let license = String(repeating: "x", count: 500)
      _ = try await store?.register(Model(id: "model \(index)", license: license))
    }
    let root = try store?.withWriter { database in
      try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      return try Int.fetchOne(
        database, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'model'")
    }
    try store?.close()
    store = nil
    let path = folder.path + "/benchfront.sqlite"
    var data = try Data(contentsOf: URL(filePath: path))
    let start = try (#require(root) - 1) * 4096
    data.replaceSubrange(start..<start + 64, with: Data(repeating: 0xa5, count: 64))
    try data.write(to: URL(filePath: path))
    let error = await #expect(throws: StorageError.self) {
      let store = try open()
      _ = try await store.snapshot()
    }
    #expect(error?.code == .corrupt)
  }

  @Test("a damaged bitmap fails the samples of its execution and none of the group's others")
  func damagedBitmap() async throws {
    let store = try open()
    let fence = try await store.startedRun(clock: clock)
    let other = Example.run("other", configurations: 2)
    _ = try await store.create(other.run, batches: other.batches, executions: other.executions)
    let second = try await store.updateBatch("other-b0", fence: nil) { aggregate in
      aggregate.batch.state = .leased
      aggregate.batch.fencingToken = 1
      return Fence(batchID: "other-b0", token: 1)
    }
    try store.withWriter {
      try $0.execute(sql: "UPDATE execution SET committed = x'ff' WHERE id = 'other-b0-e0'")
    }
    let outcomes = try await store.commit([
      SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(0)]),
      SampleCommit(fence: second, executionID: "other-b0-e0", samples: [Example.sample(0)]),
      SampleCommit(fence: second, executionID: "other-b0-e1", samples: [Example.sample(0)]),
      SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(1)]),
    ])
    func committed(_ run: String, _ number: Int64) -> SampleCommitOutcome {
      .committed(runID: run, commitNumber: number, newCount: 1, isExecutionFull: false)
    }
    let start = try #require(try await store.run("run")).commitNumber - 2
    #expect(
      outcomes == [
        committed("run", start + 1),
        .failed(StorageError(.corrupt, "A stored bitmap cannot be read.")),
        committed("other", 2), committed("run", start + 2),
      ])
    #expect(try await store.samples(executionID: "run-b0-e0").map(\.requestIndex) == [0, 1])
    #expect(try await store.samples(executionID: "other-b0-e0").isEmpty)
    #expect(try await store.run("other")?.committedSampleCount == 1)
  }

  @Test("a value that nobody wrote is told as damage")
  func damagedValue() async throws {
    let store = try open()
    _ = try await store.register(Model(id: "m"))
    try store.withWriter { try $0.execute(sql: "UPDATE model SET kind = 'what'") }
    let error = await #expect(throws: StorageError.self) { try await store.model("m") }
    #expect(error?.code == .corrupt)
  }
}
