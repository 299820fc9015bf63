import Archive
import PostgresClient
import PostgresStorage
import Reactor
import SQLiteStorage
import Storage

/// The store that a command moves as a whole.
struct TransferPlace {
  /// What it is called, as the subject of a sentence.
  let name: String
  private let folder: String
  private let postgres: String?

  init(_ options: PlaceOptions, _ environment: Environment) throws(StartupError) {
    (folder, postgres) = try options.found(environment)
    name = postgres == nil ? "the data folder '\(folder)'" : "the database"
  }

  /// Runs `body` on the store; what goes wrong is told as the end of a command.
  ///
  /// - Parameter archive: the archive, as the subject of a sentence.
  func withStore<Value: Sendable>(
    archive: String, _ body: @Sendable (any TransferStore) async throws -> Value
  ) async throws(StartupError) -> Value {
    do {
      guard let postgres else { return try await body(SQLiteTransfer(folder: folder)) }
      let loop = try EventLoop(name: "transfer")
      defer { loop.shutdown() }
      return try await body(PostgresTransfer(PostgresConfiguration(postgres), loop: loop))
    } catch let error as ArchiveError {
      throw StartupError(.refused, "\(archive) is refused: \(error.message)")
    } catch let error as VerificationError {
      throw StartupError(.failed, "\(name) cannot be trusted: \(error.message)")
    } catch let error as StorageError {
      throw StartupError(Self.kind(of: error), "\(name) cannot be used: \(error.message)")
    } catch { throw StartupError(storage: error, of: name) }
  }

  private static func kind(of error: StorageError) -> StartupError.Kind {
    switch error.code {
    case .notFound: .notFound
    case .failedPrecondition, .alreadyExists, .invalid: .refused
    case .corrupt, .failed: .failed
    case .conflict, .superseded, .full, .unavailable: .unavailable
    }
  }
}

extension [TableSummary] {
  /// A line for each table: its name, how many rows, their checksum.
  var lines: [String] {
    let width = map(\.table.count).max() ?? 0
    let digits = map { String($0.count).count }.max() ?? 0
    return map { summary in
      let count = String(summary.count)
      return summary.table + String(repeating: " ", count: width - summary.table.count + 2)
        + String(repeating: " ", count: digits - count.count) + count + "  sha256:"
        + summary.digest.hexadecimal
    }
  }
}
