internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension RequestSample {
  /// The columns of a sample `s`.
  static let selection = """
    s.request_index, s.segment, s.outcome, s.http_status, s.scheduled, s.sent, s.first_byte, \
    s.first_content, s.first_visible, s.last_content, s.ended, s.input_tokens, s.output_tokens, \
    s.token_source, s.content_chunks, s.gaps
    """

  /// Reads `selection`.
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

  /// The columns of a new sample, in the order of `CopyRows.append`.
  static let insertedColumns = """
    execution_key, started_at, commit_number, scheduled, sent, first_byte, first_content, \
    first_visible, last_content, ended, request_index, segment, input_tokens, output_tokens, \
    content_chunks, http_status, outcome, token_source, gaps
    """

  /// True when counts, segment and status fit their columns.
  var fitsColumns: Bool {
    let most = max(segment, inputTokens, max(outputTokens, contentChunks))
    return most <= UInt32(Int32.max) && httpStatus <= UInt32(Int16.max)
  }
}

extension CopyRows {
  /// A row of `benchfront.request_sample`, which must fit its columns.
  mutating func append(
    _ sample: RequestSample, executionKey: Int64, startedAt: Int64, commitNumber: Int64
  ) {
    // Ten columns of 8 bytes, five of 4 and three of 2, each behind its length; then the gaps.
    begin(byteCount: 2 + 10 * 12 + 5 * 8 + 3 * 6 + 4) { row in
      row.begin(columns: 19)
      row.int8(executionKey)
      row.timestamp(startedAt)
      row.int8(commitNumber)
      row.int8(Int64(sample.scheduled))
      row.int8(Int64(sample.sent))
      row.int8(Int64(sample.firstByte))
      row.int8(Int64(sample.firstContent))
      row.int8(Int64(sample.firstVisible))
      row.int8(Int64(sample.lastContent))
      row.int8(Int64(sample.end))
      row.int4(Int32(sample.requestIndex))
      row.int4(Int32(sample.segment))
      row.int4(Int32(sample.inputTokens))
      row.int4(Int32(sample.outputTokens))
      row.int4(Int32(sample.contentChunks))
      row.int2(Int16(sample.httpStatus))
      row.int2(Int16(sample.outcome.rawValue))
      row.int2(Int16(sample.tokenSource.rawValue))
      row.length(sample.gaps.count)
    }
    content(sample.gaps)
  }
}
