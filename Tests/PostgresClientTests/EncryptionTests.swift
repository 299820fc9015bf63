import Reactor
import TLSTestSupport
import Testing

@testable import PostgresClient

@Suite("PostgreSQL over TLS", .serialized)
struct EncryptionTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "tls") }

  private func text(host: String = "localhost", ca: String = "ca", _ more: String = "") throws
    -> String
  {
    "host=\(host) hostaddr=127.0.0.1 port=\(try TestDatabase.server.get().port) user=benchfront"
      + " dbname=postgres password='not a secret' sslmode=verify-full"
      + " sslrootcert=\(Certificates.file(ca + ".pem")) \(more)"
  }

  @Test("the server's name and issuer are checked, and SCRAM is bound to the channel")
  func verification() async throws {
    let connection = try await TestDatabase.connect(on: loop, text("channel_binding=require"))
    let answer = try await connection.run(
      "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    #expect(try answer.rows[0].bool("ssl"))
    #expect(try answer.rows[0].text("version") == "TLSv1.3")
    await connection.close()
    let stranger = await failure {
      _ = try await TestDatabase.connect(on: loop, text(ca: "other-ca"))
    }
    #expect(stranger?.message.contains("certificate verify failed") == true)
    let misnamed = await failure {
      _ = try await TestDatabase.connect(on: loop, text(host: "elsewhere.example"))
    }
    #expect(misnamed?.message.contains("does not match host name") == true)
    let plain = await failure {
      _ = try await TestDatabase.connect(
        on: loop, text("sslmode=disable channel_binding=require"))
    }
    #expect(plain?.kind == .connection)
  }

  @Test("answers of every size come whole: a record may hold more than libpq takes at once")
  func largeAnswers() async throws {
    let connection = try await TestDatabase.connect(on: loop, text()) {
      $0.answerTimeout = .seconds(5)
    }
    for size in [1, 8_000, 8_192, 12_345, 16_384, 20_000, 40_000, 100_001, 3_000_000] {
      let answer = try await connection.run(
        "SELECT repeat('x', $1::int4) AS t FROM generate_series(1, 3)", [.int4(Int32(size))])
      #expect(
        try answer.rows.map { row throws(PostgresError) in try row.text("t").utf8.count }
          == [size, size, size])
    }
    let seen = Locked(0)
    try await connection.forEachChunk(
      PostgresStatement("SELECT repeat('y', 10 * n::int4) AS t FROM generate_series(1, 2000) AS n")
    ) { rows in
      let count = try rows.reduce(0) { try $0 + $1.text("t").utf8.count }
      seen.withLock { $0 += count }
    }
    #expect(seen.withLock { $0 } == 20_010_000)
    let copied = Locked(0)
    _ = try await connection.copyOut(
      "COPY (SELECT repeat('z', 11111) FROM generate_series(1, 500)) TO STDOUT"
    ) { bytes in copied.withLock { $0 += bytes.count } }
    #expect(copied.withLock { $0 } == 500 * 11_112)
    await connection.close()
  }
}
