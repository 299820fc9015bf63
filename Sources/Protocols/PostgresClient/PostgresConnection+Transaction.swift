import CPostgres

extension PostgresConnection {
  /// Runs `body` between BEGIN and COMMIT; what it throws rolls back, and is thrown.
  ///
  /// - Throws: also `connection` when the COMMIT was sent and no answer came: then nobody knows.
  package func transaction<Value: Sendable>(
    _ mode: String = "", _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    _ = try await run("BEGIN \(mode)")
    do {
      let value = try await body(self)
      _ = try await run("COMMIT")
      return value
    } catch {
      await rollBackIfOpen()
      throw error
    }
  }

  /// Ends a transaction that was left open.
  func rollBackIfOpen() async {
    guard isUsable, PQtransactionStatus(handle) != PQTRANS_IDLE else { return }
    // A task that was cancelled must not keep the transaction open.
    let rollback = Task(executorPreference: loop) { [self] in try await run("ROLLBACK") }
    if (try? await rollback.value) == nil { close() }
  }
}
