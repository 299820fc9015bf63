import ArgumentParser
import RedisClient
import Storage

/// Where a server keeps its data, and what it shares with others.
struct StoreOptions: ParsableArguments {
  @OptionGroup var place: PlaceOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      """
      Seconds that the start waits for a database that cannot be used; exit code 5 behind that. \
      (default: for ever)
      """, valueName: "seconds"))
  var databaseWait: Double?

  @Option(
    name: .long,
    help: .init(
      """
      Redis that holds the answers of all servers of a database, as redis://[user:password@]host\
      [:port][/db] or unix:PATH. It may be lost at any time.
      """, valueName: "url"))
  var redis: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      """
      How long the requests behind a result are kept once their run has ended, such as 90d or 36h; \
      results are kept for ever. (default: for ever)
      """, valueName: "time"))
  var keepSamples: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: .init(
      """
      How long it is kept who changed what, such as 90d; 'benchfront audit' lists it. \
      (default: 365d)
      """, valueName: "time"))
  var keepAudit: String?

  /// How long samples are kept, for ever unless it is said, and audit records.
  func retention(_ environment: Environment) throws(StartupError) -> Retention {
    Retention(
      samples: try Self.time("samples", keepSamples ?? environment["KEEP_SAMPLES"]),
      audit: try Self.time("audit records", keepAudit ?? environment["KEEP_AUDIT"])
        ?? ServerSettings.defaultAuditRetention)
  }

  /// Less than an hour is taken for a slip.
  private static func time(_ what: String, _ text: String?) throws(StartupError) -> Duration? {
    guard let text else { return nil }
    guard let time = Quantity.duration(text[...]), retentions.contains(time) else {
      throw StartupError(
        .usage, "'\(text)' is not a time to keep \(what) for, from 1h to 36500d, such as 90d")
    }
    return time
  }

  private static let retentions = Duration.seconds(3_600)...(.seconds(36_500 * 86_400))

  /// Longest wait for the database; nil for ever.
  func waitingTime(_ environment: Environment) throws(StartupError) -> Duration? {
    guard let text = databaseWait?.description ?? environment["DATABASE_WAIT"] else { return nil }
    guard let seconds = Double(text), (0...86_400).contains(seconds) else {
      throw StartupError(
        .usage, "'\(text)' is not a time to wait for the database, from 0 to 86400 seconds")
    }
    return .milliseconds(Int64(seconds * 1_000))
  }

  /// The address of Redis; nil for none.
  func redisURL(_ environment: Environment) throws(StartupError) -> RedisURL? {
    guard let text = redis ?? environment["REDIS"] else { return nil }
    do { return try RedisURL(parsing: text) } catch {
      throw StartupError(.usage, "--redis cannot be used: \(error.message)")
    }
  }
}

/// Where data is: a folder, or a database that stands for it.
struct PlaceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: .init("Folder of the data. (default: benchfront-data)", valueName: "folder"))
  var dataDir: String?

  @OptionGroup var database: DatabaseOption

  static let defaultFolder = "benchfront-data"

  /// The folder, or the database that stands for it: flags, else the environment, else a folder.
  func found(
    _ environment: Environment
  ) throws(StartupError) -> (folder: String, postgres: String?) {
    let places =
      dataDir == nil && database.postgres == nil
      ? (environment["DATA_DIR"], environment["POSTGRES"]) : (dataDir, database.postgres)
    if places.0 != nil, places.1 != nil {
      throw StartupError(
        .usage, "--data-dir and --postgres both say where the data is: give one of them")
    }
    return (places.0 ?? Self.defaultFolder, places.1)
  }
}

/// The database of the commands that know no other store.
struct DatabaseOption: ParsableArguments {
  @Option(
    name: .long,
    help: .init(
      """
      PostgreSQL database that holds the data instead of a folder, by a URL or libpq's keywords: \
      postgresql://user@host/benchfront. Several servers may share it. Passwords are better left \
      to PGPASSFILE.
      """, valueName: "url"))
  var postgres: String?

  mutating func validate() throws {
    // As of a variable that nobody set: libpq would take whatever database it finds.
    if postgres?.isEmpty == true { throw ValidationError("--postgres names no database") }
  }

  /// How to connect; nil for no database.
  func url(_ environment: Environment) -> String? { postgres ?? environment["POSTGRES"] }
}
