import BenchmarkDomain
import Foundation
import GRDB
import Testing

@testable import SampleSpool

@Suite("The agent's spool")
struct SpoolTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
  let fence = Fence(batchID: "batch", token: 3)

  func samples(_ range: Range<UInt32>) -> [RequestSample] {
    range.map { index in
      RequestSample(
        requestIndex: index, segment: 1, outcome: .ok, httpStatus: 200, scheduled: .max,
        sent: 127, firstByte: 128, firstContent: 1 << 40, firstVisible: 0, lastContent: 3,
        end: UInt64(index), inputTokens: .max, outputTokens: 7, tokenSource: .usage,
        contentChunks: 2, gaps: ArraySlice(repeating: UInt8(truncatingIfNeeded: index), count: 130))
    }
  }

  @Test("samples become messages of up to 256, in order, and are read back as they were")
  func messages() async throws {
    let spool = try Spool(folder: folder)
    let first = try await spool.append(samples(0..<600), executionID: "e", fence: fence)
    let second = try await spool.append(samples(600..<601), executionID: "f", fence: fence)
    #expect(first.map(\.samples.count) == [256, 256, 88])
    #expect((first + second).map(\.sequence) == [1, 2, 3, 4])
    #expect(first.flatMap(\.samples) == samples(0..<600))
    #expect(try await spool.pending() == first + second)
    #expect(try await spool.pending(after: 2, limit: 1) == [first[2]])
    #expect(spool.sampleCount == 601)
    #expect(try await spool.append([], executionID: "e", fence: fence) == [])
  }

  @Test("what is acknowledged is gone, and its number is never used again")
  func acknowledging() async throws {
    let spool = try Spool(folder: folder)
    let batches = try await spool.append(samples(0..<300), executionID: "e", fence: fence)
    try await spool.acknowledge(2)
    try await spool.acknowledge(2)
    try await spool.acknowledge(.max)
    #expect(try await spool.pending() == [batches[0]])
    #expect(spool.sampleCount == 256)
    let next = try await spool.append(samples(300..<301), executionID: "e", fence: fence)
    #expect(next.map(\.sequence) == [3])
  }

  @Test("a restarted agent finds its id, its leases and its messages")
  func restart() async throws {
    var spool: Spool? = try Spool(folder: folder)
    let id = spool?.agentID
    try await spool?.hold(fence)
    try await spool?.hold(fence)
    let other = Fence(batchID: "another", token: 1)
    _ = try await spool?.append(samples(0..<2), executionID: "e", fence: other)
    spool = nil
    let reopened = try Spool(folder: folder)
    #expect(reopened.agentID == id)
    #expect(try await reopened.heldLeases() == [other, fence])
    #expect(try await reopened.pending().map(\.samples) == [samples(0..<2)])
    #expect(reopened.sampleCount == 2)
  }

  @Test("what was appended is there after the process was killed")
  func killed() async throws {
    let spool = try Spool(folder: folder)
    for index: UInt32 in 0..<50 {
      _ = try await spool.append(samples(index..<index + 1), executionID: "e", fence: fence)
    }
    // The files as they lie while the spool is open are what a killed process leaves.
    let copy = folder + "-killed"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where !name.hasSuffix("-shm") {
      try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: copy + "/" + name)
    }
    let reopened = try Spool(folder: copy)
    #expect(reopened.agentID == spool.agentID)
    #expect(try await reopened.pending().flatMap(\.samples) == samples(0..<50))
  }

  @Test("an agent that stops leaves its spool in one file")
  func oneFile() async throws {
    let spool = try Spool(folder: folder)
    _ = try await spool.append(samples(0..<3), executionID: "e", fence: fence)
    try await spool.checkpoint()
    let log = try FileManager.default.attributesOfItem(atPath: folder + "/spool.sqlite-wal")
    #expect(log[.size] as? Int == 0)
    let copy = folder + "-copy"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: folder + "/spool.sqlite", toPath: copy + "/spool.sqlite")
    #expect(try Spool(folder: copy).sampleCount == 3)
  }

  @Test("a revoked lease takes its messages along, a released one leaves them")
  func dropping() async throws {
    let spool = try Spool(folder: folder)
    let other = Fence(batchID: "batch", token: 4)
    try await spool.hold(fence)
    try await spool.hold(other)
    _ = try await spool.append(samples(0..<1), executionID: "e", fence: fence)
    _ = try await spool.append(samples(1..<2), executionID: "e", fence: other)
    try await spool.drop(fence)
    #expect(try await spool.heldLeases() == [other])
    try await spool.release(other)
    #expect(try await spool.heldLeases() == [other])
    #expect(try await spool.pending().map(\.sequence) == [2])
    try await spool.acknowledge(2)
    #expect(try await spool.heldLeases() == [])
    #expect(spool.sampleCount == 0)
  }

  @Test("a folder belongs to one agent at a time")
  func lock() throws {
    let spool = try Spool(folder: folder)
    let words = "Another agent is using the spool's folder \(folder)."
    #expect(throws: SpoolError(.unavailable, words)) { try Spool(folder: folder) }
    withExtendedLifetime(spool) {}
  }

  @Test("more than the spool may hold is refused and loses nothing")
  func bounds() async throws {
    var limits = SpoolLimits()
    limits.storedSampleCount = 10
    limits.unwrittenSampleCount = 8
    let spool = try Spool(folder: folder, limits: limits)
    await #expect(throws: SpoolError.self) {
      try await spool.append(samples(0..<9), executionID: "e", fence: fence)
    }
    _ = try await spool.append(samples(0..<8), executionID: "e", fence: fence)
    let error = await #expect(throws: SpoolError.self) {
      try await spool.append(samples(8..<11), executionID: "e", fence: fence)
    }
    #expect(error?.code == .full)
    try await spool.acknowledge(1)
    _ = try await spool.append(samples(8..<11), executionID: "e", fence: fence)
    #expect(spool.sampleCount == 3)
  }

  @Test("a full disk is told, and the spool goes on when there is room")
  func fullDisk() async throws {
    let spool = try Spool(folder: folder)
    try await spool.setPageLimit(12)
    var stored = 0
    let error = await #expect(throws: SpoolError.self) {
      for _ in 0..<100 {
        stored += try await spool.append(samples(0..<100), executionID: "e", fence: fence).count
      }
    }
    #expect(error?.code == .full)
    #expect(try await spool.pending().count == stored)
    #expect(spool.sampleCount == stored * 100)
    try await spool.setPageLimit(100_000)
    _ = try await spool.append(samples(0..<100), executionID: "e", fence: fence)
    #expect(try await spool.pending().count == stored + 1)
  }

  @Test("appends from many tasks are all there, each whole")
  func many() async throws {
    let spool = try Spool(folder: folder)
    let sequences = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for task: UInt32 in 0..<40 {
        group.addTask {
          try await spool.append(
            samples(task * 10..<task * 10 + 10), executionID: "e\(task)", fence: fence
          ).map(\.sequence)
        }
      }
      return try await group.reduce(into: [UInt64]()) { $0 += $1 }
    }
    #expect(sequences.sorted() == Array(1...40))
    for batch in try await spool.pending() {
      let task = try #require(UInt32(batch.executionID.dropFirst()))
      #expect(batch.samples == samples(task * 10..<task * 10 + 10))
    }
  }

  @Test("a damaged file or message is told")
  func damage() async throws {
    let bytes = SampleCoding.encode(samples(0..<2))
    for count in 0..<bytes.count where count != 1 {
      // Cut at the end of the first sample, what is left is whole.
      let part = Array(bytes[..<count])
      if part == SampleCoding.encode(samples(0..<1)) { continue }
      #expect(throws: SpoolError.self) { try SampleCoding.decode(part) }
    }
    #expect(throws: SpoolError.self) {
      try SampleCoding.decode([1] + [UInt8](repeating: 0xff, count: 30))
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(repeating: 0x5a, count: 4096).write(to: URL(filePath: folder + "/spool.sqlite"))
    let error = #expect(throws: SpoolError.self) { try Spool(folder: folder) }
    #expect(error?.code == .corrupt)
    #expect(
      error?.message.contains("\(folder)/spool.sqlite is damaged: file is not a data") == true)
  }
}

extension Spool {
  /// Lets the file grow to so many pages and no further.
  fileprivate func setPageLimit(_ count: Int) async throws {
    try await withWriter { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
  }
}
