import PostgresClient
import Storage
import Testing

@testable import PostgresStorage

@Suite("PostgreSQL's errors")
struct ErrorTests {
  /// SQLSTATEs (https://www.postgresql.org/docs/15/errcodes-appendix.html) and what they mean.
  static let states: [(String, StorageError.Code)] = [
    ("53100", .full), ("53300", .unavailable), ("53200", .unavailable), ("25006", .unavailable),
    ("28P01", .unavailable), ("57P01", .unavailable), ("57014", .unavailable),
    ("42501", .unavailable), ("42P01", .unavailable), ("58030", .unavailable),
    ("23505", .conflict), ("23503", .conflict), ("40001", .conflict), ("40P01", .conflict),
    ("55P03", .conflict), ("22021", .invalid), ("54000", .invalid), ("XX001", .corrupt),
    ("XX000", .unavailable),
  ]

  @Test("a server's refusal becomes the store's, in a sentence that names no statement")
  func server() {
    for (state, code) in Self.states {
      let error = StorageError(PostgresError(.server(sqlState: state), "at SELECT secret"))
      #expect(error.code == code, "\(state)")
      #expect(error.message.hasSuffix(".") && !error.message.contains("secret"), "\(state)")
    }
  }

  @Test("a client's own failures are told as unavailable, and what cannot be read as damage")
  func client() {
    for kind in [
      PostgresError.Kind.connection, .cancelled, .deadlineExceeded, .exhausted, .closed,
    ] {
      let error = StorageError(PostgresError(kind, "host=secret"))
      #expect(error.code == .unavailable)
      #expect(error.message.hasSuffix(".") && !error.message.contains("secret"))
    }
    #expect(StorageError(PostgresError(.unexpected, "")).code == .corrupt)
  }
}
