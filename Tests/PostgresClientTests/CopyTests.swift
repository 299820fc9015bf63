import Reactor
import TestServers
import Testing

@testable import PostgresClient

@Suite("COPY", .serialized)
struct CopyTests {
  let loop: EventLoop
  let connection: PostgresConnection

  init() async throws {
    loop = try EventLoop(name: "copy")
    let text = try TestDatabase.server.get().connectionString
    connection = try await PostgresConnection.connect(PostgresConfiguration(text), loop: loop)
    _ = try await connection.run("CREATE TEMP TABLE c (id int8 PRIMARY KEY, body bytea)")
  }

  /// Rows in the format of binary COPY.
  private static func rows(_ ids: Range<Int64>, bytes: Int) -> [UInt8] {
    var data = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)
    let body = [UInt8](repeating: 7, count: bytes)
    func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
    for id in ids {
      data += big(Int16(2)) + big(Int32(8)) + big(id) + big(Int32(bytes)) + body
    }
    return data + big(Int16(-1))
  }

  @Test("rows there and back, more than any buffer holds")
  func thereAndBack() async throws {
    let data = Self.rows(0..<20_000, bytes: 500)
    let count = try await connection.copyIn("COPY c FROM STDIN (FORMAT binary)") { writer in
      for start in stride(from: 0, to: data.count, by: 65_536) {
        try await writer.write(Array(data[start..<min(start + 65_536, data.count)]))
      }
    }
    #expect(count == 20_000)
    let back = Locked([UInt8]())
    let read = try await connection.copyOut(
      "COPY (SELECT * FROM c ORDER BY id) TO STDOUT (FORMAT binary)"
    ) {
      bytes in back.withLock { $0 += bytes }
    }
    #expect(read == 20_000)
    #expect(back.withLock { $0 } == data)
    #expect(try await connection.run("SELECT count(*) AS n FROM c").rows[0].int("n") == 20_000)
    await connection.close()
  }

  @Test("a row that the table refuses takes the whole copy back")
  func refusedRows() async throws {
    _ = try await connection.run("INSERT INTO c VALUES (5, '')")
    let error = await #expect(throws: PostgresError.self) {
      try await connection.copyIn("COPY c FROM STDIN (FORMAT binary)") { writer in
        try await writer.write(Self.rows(0..<10, bytes: 4))
      }
    }
    #expect(error?.sqlState == "23505")
    #expect(try await connection.run("SELECT count(*) AS n FROM c").rows[0].int("n") == 1)
    await connection.close()
  }

  @Test("who gives up in the middle leaves no row, and a connection that goes on")
  func givenUp() async throws {
    struct Enough: Error {}
    await #expect(throws: Enough.self) {
      try await connection.copyIn("COPY c FROM STDIN (FORMAT binary)") { writer in
        try await writer.write(Array(Self.rows(0..<10, bytes: 4).dropLast(2)))
        throw Enough()
      }
    }
    #expect(try await connection.run("SELECT count(*) AS n FROM c").rows[0].int("n") == 0)
    await connection.close()
  }

  @Test("in a transaction, with statements around it")
  func inTransactions() async throws {
    try await connection.transaction { connection in
      _ = try await connection.run("INSERT INTO c VALUES (100, NULL)")
      _ = try await connection.copyIn("COPY c FROM STDIN (FORMAT binary)") { writer in
        try await writer.write(Self.rows(0..<3, bytes: 1))
      }
      _ = try await connection.run("DELETE FROM c WHERE id = 0")
    }
    #expect(try await connection.run("SELECT count(*) AS n FROM c").rows[0].int("n") == 3)
    await connection.close()
  }

  @Test("a statement that is no COPY, and one that makes no sense")
  func wrongStatements() async throws {
    await #expect(throws: PostgresError.self) {
      try await connection.copyIn("COPY nothing FROM STDIN") { _ in }
    }
    #expect(try await connection.run("SELECT 1 AS one").rows.count == 1)
    await #expect(throws: PostgresError.self) {
      try await connection.copyIn("SELECT 1") { _ in }
    }
    await connection.close()
  }
}
