/// A statement with its parameters; the text is prepared once on each connection.
package struct PostgresStatement: Sendable, Hashable {
  /// SQL with `$1` and so on.
  package var sql: String
  /// One value for each `$n`, in order.
  package var parameters: [PostgresParameter]

  /// Makes a statement.
  package init(_ sql: String, _ parameters: [PostgresParameter] = []) {
    self.sql = sql
    self.parameters = parameters
  }
}
