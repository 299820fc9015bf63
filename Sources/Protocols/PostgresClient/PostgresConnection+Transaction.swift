import CPostgres
import Reactor

extension PostgresConnection {
  /// Runs `body` between BEGIN and COMMIT; what it throws rolls back, and is thrown.
  ///
  /// - Throws: also `connection` when the COMMIT was sent and no answer came: then nobody knows.
  package func transaction<Value: Sendable>(
    _ mode: String = "", _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    _ = try await run(mode.isEmpty ? "BEGIN" : "BEGIN \(mode)")
    do {
      let value = try await body(self)
      // The server answers the COMMIT of a transaction that has failed with a ROLLBACK.
      guard try await run("COMMIT").tag == "COMMIT" else {
        throw PostgresError(
          .server(sqlState: PostgresCondition.failedTransaction.rawValue),
          "a statement of the transaction had failed: it was rolled back")
      }
      return value
    } catch {
      await rollBackIfOpen()
      throw error
    }
  }

  /// Ends a transaction that was left open.
  func rollBackIfOpen() async {
    guard isUsable, PQtransactionStatus(handle) != PQTRANS_IDLE else { return }
    deadline = nil
    let limit = loop.now().advanced(by: configuration.cancelTimeout)
    // A task that was cancelled must not keep the transaction open.
    let rollback = Task(executorPreference: loop) { [self] in
      try await run("ROLLBACK", deadline: limit)
    }
    do { _ = try await rollback.value } catch { close() }
  }

  /// Lends the connection to somebody whose calls end by `deadline`; false when it broke meanwhile.
  func lend(until deadline: MonotonicTime?) -> Bool {
    self.deadline = deadline
    return isUsable
  }

  /// Takes it back, without a transaction; false when it is not to be lent again, and then closed.
  func takeBack() async -> Bool {
    deadline = nil
    await rollBackIfOpen()
    if isUsable { return true }
    close()
    return false
  }
}
