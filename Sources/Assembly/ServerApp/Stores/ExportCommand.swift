import Archive
package import ArgumentParser
import BenchmarkDomain
import SQLiteStorage

/// `benchfront-server export`: writes everything that a store holds into one archive.
package struct ExportCommand: AsyncParsableCommand {
  /// Name and abstract.
  package static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes everything that is stored into one archive.",
    discussion: """
      Models, hardware, engines, prices, configurations, results, runs with their leases, and \
      every request sample. Of a database it is what it held when the export began, while servers \
      go on; a data folder must not be served meanwhile. BENCHFRONT_DATA_DIR and \
      BENCHFRONT_POSTGRES stand for the flags. Prints count and checksum of each table, beside an \
      archive on standard output on standard error. An archive of that name is replaced once the \
      new one is whole.
      """)

  @OptionGroup(title: "From") var place: PlaceOptions

  @Argument(help: "The archive; - for standard output.") var file: String

  /// Made by the parser.
  package init() {}

  /// Exports, and prints a line for each table.
  package mutating func run() async throws {
    let lines = try await Self.run(try TransferPlace(place, .process), file)
    for line in lines { writeLine(line, to: file == ArchiveFile.standard ? 2 : 1) }
  }

  /// What was exported.
  static func run(
    _ place: TransferPlace, _ file: String
  ) async throws(StartupError) -> [String] {
    try await place.withStore(archive: file) { store in
      try await store.export { source in
        let output = try ArchiveOutput(file)
        let header = ArchiveHeader(
          program: Product.version, exportedAt: SQLiteStore.systemClock().nanoseconds)
        var writer = try ArchiveWriter(header) { try output.write($0) }
        let summaries = try await writer.writeAll(of: source)
        try output.finish()
        return summaries.lines
      }
    }
  }
}
