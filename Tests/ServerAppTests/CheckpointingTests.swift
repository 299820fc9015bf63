import Foundation
import Logging
import SQLiteStorage
import Testing

@testable import ServerApp

@Suite("The store's log")
struct CheckpointingTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test("it is taken up behind every wait, also after a failure, until it is stopped")
  func waits() async {
    struct Trouble: Error {}
    let (waits, waited) = AsyncStream.makeStream(of: Void.self)
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    let turns = Turns(waits)
    let checkpointing = Checkpointing()
    checkpointing.start(Self.quiet) {
      try await turns.next()
    } checkpoint: {
      called.yield()
      throw Trouble()
    }
    var seen = calls.makeAsyncIterator()
    for _ in 0..<2 {
      waited.yield()
      await seen.next()
    }
    await checkpointing.stop()
  }

  @Test("a server that was stopped leaves everything in one file")
  func stopped() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let copy = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { for url in [folder, copy] { try? FileManager.default.removeItem(at: url) } }
    let settings = ServerSettings(
      listen: [try .parse("127.0.0.1:0")], dataFolder: folder.path, loopCount: 1)
    try await Server.start(settings, logger: Self.quiet).stop()
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    let name = "benchfront.sqlite"
    try FileManager.default.copyItem(
      at: folder.appending(path: name), to: copy.appending(path: name))
    let store = try SQLiteStore(folder: copy.path)
    #expect(try await store.hardware("cpu-x1") != nil)
    try store.close()
  }
}

/// Hands out what a stream yields; throws when the waiting task is cancelled.
private actor Turns {
  private let stream: AsyncStream<Void>
  init(_ stream: AsyncStream<Void>) { self.stream = stream }

  func next() async throws {
    for await _ in stream { return }
    throw CancellationError()
  }
}
