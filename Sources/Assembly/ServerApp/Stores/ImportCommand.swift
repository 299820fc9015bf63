import Archive
package import ArgumentParser

/// `benchfront-server import`: fills an empty store from an archive.
package struct ImportCommand: AsyncParsableCommand {
  /// Name and abstract.
  package static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Fills an empty store from an archive of export.",
    discussion: """
      The store must be one that no server has been started on. Everything is read back out of it \
      and compared with the archive before it counts: an import that fails, or is killed, leaves \
      the store empty, and can be started again. BENCHFRONT_DATA_DIR and BENCHFRONT_POSTGRES stand \
      for the flags. Prints count and checksum of each table.
      """)

  @OptionGroup(title: "Into") var place: PlaceOptions

  @Argument(help: "The archive; - for standard input.") var file: String

  /// Made by the parser.
  package init() {}

  /// Imports, and prints a line for each table.
  package mutating func run() async throws {
    let lines = try await Self.run(try TransferPlace(place, .process), file)
    for line in lines { writeLine(line, to: 1) }
    // Beside the lines, which are those that the export printed.
    writeLine("all \(lines.count) tables were read back and are what the archive holds", to: 2)
  }

  /// What was imported.
  static func run(
    _ place: TransferPlace, _ file: String
  ) async throws(StartupError) -> [String] {
    try await place.withStore(archive: file) { store in
      // A file that is not there must not make a folder.
      let input = try ArchiveInput(file)
      return try await store.load { target in
        var reader = ArchiveReader { try input.read() }
        return try await reader.load(into: target).lines
      }
    }
  }
}
