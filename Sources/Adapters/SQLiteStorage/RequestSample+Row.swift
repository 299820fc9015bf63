internal import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Storage

extension RequestSample {
  /// The columns of a sample.
  static let columns = """
    request_index, segment, outcome, http_status, scheduled, sent, first_byte, first_content, \
    first_visible, last_content, ended, input_tokens, output_tokens, token_source, \
    content_chunks, gaps
    """

  private static let insertion = """
    INSERT INTO request_sample (execution_key, commit_number, \(columns))
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  /// Reads `columns`.
  init(_ reader: inout ColumnReader) throws {
    self.init(
      requestIndex: try reader.integer(), segment: try reader.integer(),
      outcome: try reader.code(), httpStatus: try reader.integer(),
      scheduled: try reader.integer(), sent: try reader.integer(),
      firstByte: try reader.integer(), firstContent: try reader.integer(),
      firstVisible: try reader.integer(), lastContent: try reader.integer(),
      end: try reader.integer(), inputTokens: try reader.integer(),
      outputTokens: try reader.integer(), tokenSource: try reader.code(),
      contentChunks: try reader.integer(), gaps: try reader.bytes()[...])
  }

  /// Stores samples whose bits were just set.
  static func insert(
    _ samples: [RequestSample], executionKey: Int64, commitNumber: Int64, _ database: Database
  ) throws {
    let statement = try database.cachedStatement(sql: insertion)
    for sample in samples {
      let values = [executionKey.databaseValue, commitNumber.databaseValue] + sample.values
      // The quick way to bind. It resets the statement first, which cannot fail: GRDB takes a
      // statement that failed out of its cache.
      statement.setUncheckedArguments(.of(values))
      try statement.execute()
    }
  }

  private var values: [DatabaseValue] {
    [
      requestIndex.databaseValue, segment.databaseValue, outcome.rawValue.databaseValue,
      httpStatus.databaseValue, Int64(scheduled).databaseValue, Int64(sent).databaseValue,
      Int64(firstByte).databaseValue, Int64(firstContent).databaseValue,
      Int64(firstVisible).databaseValue, Int64(lastContent).databaseValue,
      Int64(end).databaseValue, inputTokens.databaseValue, outputTokens.databaseValue,
      tokenSource.rawValue.databaseValue, contentChunks.databaseValue, Data(gaps).databaseValue,
    ]
  }
}
