package import ArgumentParser
import PostgresClient
import PostgresStorage
import Reactor

/// `benchfront-server migrate`: brings a database to this version without serving.
package struct MigrateCommand: AsyncParsableCommand {
  /// Name and abstract.
  package static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Brings the database to this version, and ends.",
    discussion: """
      A server does so too when it starts; of several at once one does it, and the others wait. \
      BENCHFRONT_POSTGRES stands for --postgres.
      """)

  @OptionGroup var database: DatabaseOption

  @Flag(name: .long, help: "Only say what would be done.") var dryRun = false

  /// Made by the parser.
  package init() {}

  /// Prints a line for each migration.
  package mutating func run() async throws {
    guard let url = database.url(Environment.process) else {
      throw StartupError(
        .usage, "there is no database: give --postgres; a data folder is migrated when it is served"
      )
    }
    for line in try await Self.run(url, isDry: dryRun) { writeLine(line, to: 1) }
  }

  /// What was done, or would be.
  static func run(_ url: String, isDry: Bool) async throws(StartupError) -> [String] {
    do {
      let loop = try EventLoop(name: "migrate")
      defer { loop.shutdown() }
      let migrator = PostgresMigrator(PostgresConfiguration(url), loop: loop)
      let titles = isDry ? try await migrator.pending() : try await migrator.migrate()
      if titles.isEmpty { return ["the database is up to date"] }
      return titles.map { (isDry ? "would apply " : "applied ") + $0 }
    } catch { throw StartupError(storage: error, of: "the database") }
  }
}
