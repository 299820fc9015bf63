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
    ("55006", .conflict), ("25P03", .unavailable), ("58P01", .unavailable),
    // What is not known to pass is of the request, and not tried again.
    ("XX000", .failed), ("P0001", .failed), ("0A000", .failed), ("ZZZZZ", .failed),
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
    #expect(StorageError(PostgresError(.configuration, "")).code == .invalid)
  }

  @Test("why a connection was refused is told by the server's SQLSTATE, or by libpq's words")
  func refusals() {
    for (state, words, cause) in [
      ("28P01", "", .refused), ("28000", "", .refused), ("3D000", "", .refused),
      ("42501", "", .refused), ("53300", "", .tooManyConnections), ("57P03", "", .unreachable),
      ("", "Connection refused", .unreachable), ("", "session is read-only", .readOnly),
      ("", "fe_sendauth: no password supplied", .refused),
    ] as [(String, String, OutageCause)] {
      var error = PostgresError(.connection, "host 10.1.2.3: \(words)")
      error.refusalState = state
      let told = StorageError(error)
      #expect(told.code == .unavailable && told.cause == cause, "\(state) \(words)")
      #expect(!told.message.contains("10.1"))
      let outage = StoreOutage(error)
      #expect(outage?.cause == cause && outage?.reason.contains("10.1") == true)
      #expect(outage?.reason.hasSuffix("..") == false)
    }
    // What concerns one statement says nothing of the database.
    for state in ["22021", "23505", "40001", "XX000"] {
      #expect(StoreOutage(PostgresError(.server(sqlState: state), "")) == nil)
    }
    let late = PostgresError(.server(sqlState: "57014"), "canceling statement due to timeout")
    #expect(StoreOutage(late)?.cause == .overloaded)
    #expect(StoreOutage(CancellationError()) == nil)
  }
}
