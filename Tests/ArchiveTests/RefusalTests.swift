import BenchmarkDomain
import Foundation
import PostgresStorage
import Storage
import TestSupport
import Testing

@testable import Archive

@Suite("Stores that are no place for an import")
struct RefusalTests {
  let clock = TestClock()

  private func archive() async throws -> [UInt8] {
    let source = try await Place.sqlite.make()
    try await source.withStore(clock: clock) { try await Content.fill($0, clock) }
    return try await Transfers.export(source.transfer).0
  }

  @Test("a store that holds something is refused and left as it is", arguments: Place.allCases)
  func notEmpty(place: Place) async throws {
    let archive = try await archive()
    let target = try await place.make()
    try await target.withStore(clock: clock) { store in
      _ = try await store.register(Model(id: "there"))
      _ = try await store.register(Example.price())
    }
    let error = await #expect(throws: StorageError.self) {
      try await Transfers.load(archive, into: target.transfer)
    }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.hasPrefix("It holds models, prices already") == true)
    try await target.withStore(clock: clock) { store in
      let page = PageRequest(size: 10, token: "")
      let models = try await store.models(kind: nil, page: page).items
      #expect(models.map(\.id) == ["there"])
      #expect(try await store.runs(state: nil, page: page).items.isEmpty)
    }
  }

  @Test("a store that no server has filled yet is empty", arguments: Place.allCases)
  func opened(place: Place) async throws {
    let target = try await place.make()
    try await target.withStore(clock: clock) { _ in }
    try await Transfers.load(try await archive(), into: target.transfer)
    try await target.withStore(clock: clock) { store in
      let half = try await store.run("half")
      #expect(half != nil)
    }
  }

  @Test("an import that fails leaves nothing, and the next one works", arguments: Place.allCases)
  func failing(place: Place) async throws {
    let archive = try await archive()
    let target = try await place.make()
    for part in [archive.count / 2, archive.count - 1] {
      let error = await #expect(throws: ArchiveError.self) {
        try await Transfers.load(Array(archive.prefix(part)), into: target.transfer)
      }
      #expect(error?.message.hasPrefix("it is cut off") == true)
      try await target.withStore(clock: clock) { store in
        let page = PageRequest(size: 10, token: "")
        let models = try await store.models(kind: nil, page: page).items
        #expect(models.isEmpty)
        #expect(try await store.runs(state: nil, page: page).items.isEmpty)
        #expect(try await store.dataVersion() == 0)
      }
    }
    try await Transfers.load(archive, into: target.transfer)
  }

  @Test("rows that do not fit together are refused with where", arguments: Place.allCases)
  func unfitting(place: Place) async throws {
    let rows: [(TransferTable, [TransferRow], String)] = [
      (.model, [Rows.model("m"), Rows.model("m")], "its models from model \"m\" on"),
      (.segment, [[.integer(1), .integer(0), .text("a"), .integer(0)]], "segment 1, 0 on"),
      (.sample, [Rows.sample(7)], "request sample 7, 3 on"),
      (
        .commit,
        [
          [.integer(9), .integer(1), .integer(0), .integer(1)]
            + [TransferValue](repeating: .null, count: 11)
        ], "commit of a run 9, 1 on"
      ),
    ]
    for (table, rows, spot) in rows {
      let source = MemoryTarget()
      await source.append([[.text("data_version"), .integer(0)]], to: .meta)
      await source.append(rows, to: table)
      let (archive, _) = try await Transfers.write(source)
      let target = try await place.make()
      let error = await #expect(throws: ArchiveError.self) {
        try await Transfers.load(archive, into: target.transfer)
      }
      #expect(error?.message.contains(spot) == true, "\(String(describing: error))")
      #expect(error?.message.contains("twice, or refers to what is not there") == true)
    }
  }

  @Test("a folder without a file is no store, and is not made one")
  func noFolder() async throws {
    let folder = try FolderUnderTest()
    let error = await #expect(throws: StorageError.self) {
      try await Transfers.export(folder.transfer)
    }
    #expect(error?.code == .notFound)
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test("a folder that a server uses is neither exported nor filled")
  func lockedFolder() async throws {
    let archive = try await archive()
    let folder = try FolderUnderTest()
    try await folder.withStore(clock: clock) { _ in
      for body in [
        { _ = try await Transfers.export(folder.transfer) },
        { _ = try await Transfers.load(archive, into: folder.transfer) },
      ] {
        let error = await #expect(throws: StorageError.self) { try await body() }
        #expect(error?.message == "Another server is using this data folder.")
      }
    }
  }

  @Test("what a killed import left in a folder is swept away by the next")
  func leftover() async throws {
    let folder = try FolderUnderTest()
    try FileManager.default.createDirectory(
      atPath: folder.path, withIntermediateDirectories: true)
    for name in ["import.sqlite", "import.sqlite-wal"] {
      let path = folder.path + "/" + name
      #expect(FileManager.default.createFile(atPath: path, contents: Data("garbage".utf8)))
    }
    try await Transfers.load(try await archive(), into: folder.transfer)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["benchfront.sqlite", "lock"])
  }

  @Test("a database without tables, or with those of a newer version, is not exported")
  func otherSchema() async throws {
    let database = try await DatabaseUnderTest()
    let error = await #expect(throws: StorageError.self) {
      try await Transfers.export(database.transfer)
    }
    #expect(error?.code == .failedPrecondition)
    try await database.withStore(clock: clock) { _ in }
    try await database.run(
      """
      INSERT INTO benchfront.schema_migration VALUES (999, 'tomorrow', '', clock_timestamp())
      """)
    let newer = await #expect(throws: StorageError.self) {
      try await Transfers.export(database.transfer)
    }
    #expect(newer?.message.contains("newer version") == true)
  }

  @Test("a figure that is no number is found before it is moved")
  func noNumber() async throws {
    let database = try await DatabaseUnderTest()
    try await database.withStore(clock: clock) { try await Content.fill($0, clock) }
    try await database.run("UPDATE benchfront.hardware SET power_watts = 'NaN'")
    let error = await #expect(throws: StorageError.self) {
      try await Transfers.export(database.transfer)
    }
    #expect(
      error
        == StorageError(
          .corrupt,
          "The stored hardware profile \"l4-x1\" has a power_watts that it cannot have."))
  }

  @Test("servers write while a database is exported, and the archive shows one moment")
  func consistent() async throws {
    let database = try await DatabaseUnderTest()
    try await database.withStore(clock: clock) { store in
      try await Content.fill(store, clock)
      let before = try await Transfers.export(database.transfer).0
      let during = try await database.transfer.export { source in
        // The view stands from the first question on.
        try await source.forEachPage(of: .meta) { _ in }
        try await database.run("DELETE FROM benchfront.request_sample")
        return try await Transfers.write(source).0
      }
      #expect(during == before)
    }
  }
}
