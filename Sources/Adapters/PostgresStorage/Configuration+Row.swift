internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

typealias BenchmarkConfiguration = BenchmarkDomain.Configuration

extension BenchmarkConfiguration {
  /// The columns of a configuration `c`.
  static let selection = """
    c.id, c.model_id, c.hardware_id, c.engine_id, c.quantization_id, c.input_tokens, \
    c.output_tokens, c.concurrency, c.max_batch, c.extra
    """

  /// Reads `selection`; a row whose id is not that of its content is damaged.
  init(_ reader: inout some ColumnSource) throws {
    let id = try ConfigurationID(stored: try reader.slice())
    self.init(
      modelID: try reader.commonText(), hardwareID: try reader.commonText(),
      engineID: try reader.commonText(), quantizationID: try reader.commonText(),
      workload: Workload(
        inputTokens: try reader.integer(), outputTokens: try reader.integer(),
        concurrency: try reader.integer(), maxBatch: try reader.integer()),
      extraDimensions: try Self.dimensions(try reader.texts()))
    guard self.id == id else { throw StorageError.damaged("configuration") }
  }

  /// Further dimensions are stored as names and values in turn.
  private static func dimensions(_ texts: [String]) throws -> [Dimension] {
    guard texts.count.isMultiple(of: 2) else { throw StorageError.damaged("dimension") }
    return stride(from: 0, to: texts.count, by: 2).map {
      Dimension(name: texts[$0], value: texts[$0 + 1])
    }
  }

  /// Most rows of one statement.
  private static let rowsPerStatement = 4096

  /// Stores the configurations that are new; returns the keys of all. An equal id with other
  /// content is refused.
  static func store(
    _ configurations: [BenchmarkConfiguration], _ connection: PostgresConnection
  ) async throws -> [ConfigurationID: Int64] {
    var byID: [ConfigurationID: BenchmarkConfiguration] = [:]
    for configuration in configurations {
      let other = byID.updateValue(configuration, forKey: configuration.id)
      if let other, other != configuration { throw refusal(configuration.id) }
    }
    // In one order everywhere, so that two servers that store the same do not wait for each other.
    let sorted = byID.values.sorted { $0.id < $1.id }
    var keys: [ConfigurationID: Int64] = [:]
    keys.reserveCapacity(sorted.count)
    for start in stride(from: 0, to: sorted.count, by: rowsPerStatement) {
      let part = Array(sorted[start..<min(start + rowsPerStatement, sorted.count)])
      for (key, stored) in try await storePart(part, connection) {
        guard byID[stored.id] == stored else { throw refusal(stored.id) }
        keys[stored.id] = key
      }
    }
    guard keys.count == sorted.count else {
      throw StorageError(.conflict, "Another writer was first; read again.")
    }
    return keys
  }

  private static func refusal(_ id: ConfigurationID) -> StorageError {
    StorageError(.alreadyExists, "The configuration id \(id) is there with other dimensions.")
  }

  private static func storePart(
    _ part: [BenchmarkConfiguration], _ connection: PostgresConnection
  ) async throws -> [(key: Int64, value: BenchmarkConfiguration)] {
    let ids = PostgresParameter.byteaArray(part.map(\.id.storedBytes))
    func numbers(_ path: KeyPath<Workload, Int32>) -> PostgresParameter {
      .int8Array(part.map { Int64($0.workload[keyPath: path]) })
    }
    let answers = try await connection.run([
      PostgresStatement(
        """
        INSERT INTO benchfront.configuration (id, model_id, hardware_id, engine_id,
          quantization_id, input_tokens, output_tokens, concurrency, max_batch, extra)
        SELECT id, model_id, hardware_id, engine_id, quantization_id, input_tokens,
          output_tokens, concurrency, max_batch, extra::text[]
        FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int8[],
          $7::int8[], $8::int8[], $9::int8[], $10::text[])
        AS c (id, model_id, hardware_id, engine_id, quantization_id, input_tokens,
          output_tokens, concurrency, max_batch, extra)
        ON CONFLICT (id) DO NOTHING
        """,
        [
          ids, .textArray(part.map(\.modelID)), .textArray(part.map(\.hardwareID)),
          .textArray(part.map(\.engineID)), .textArray(part.map(\.quantizationID)),
          numbers(\.inputTokens), numbers(\.outputTokens), numbers(\.concurrency),
          numbers(\.maxBatch), .textArray(part.map(\.extraLiteral)),
        ]),
      PostgresStatement(
        "SELECT c.key, \(selection) FROM benchfront.configuration c WHERE c.id = ANY ($1)", [ids]),
    ])
    return try answers[1].read { (key: try $0.integer(Int64.self), value: try Self(&$0)) }
  }

  /// The further dimensions as PostgreSQL writes a list of texts.
  private var extraLiteral: String {
    let texts = extraDimensions.flatMap { [$0.name, $0.value] }
    return "{" + texts.map(Self.quoted).joined(separator: ",") + "}"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text.unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}

extension Condition {
  /// Requires what a filter asks of a configuration `c`.
  mutating func require(_ filter: ConfigurationFilter) {
    require("c.model_id", oneOf: filter.modelIDs)
    require("c.hardware_id", oneOf: filter.hardwareIDs)
    require("c.engine_id", oneOf: filter.engineIDs)
    require("c.quantization_id", oneOf: filter.quantizationIDs)
    if !filter.accelerators.isEmpty {
      require(
        "c.hardware_id IN (SELECT id FROM benchfront.hardware WHERE accelerator = ANY ($))",
        .textArray(filter.accelerators))
    }
    require("c.input_tokens", filter.minInputTokens, filter.maxInputTokens)
    require("c.output_tokens", filter.minOutputTokens, filter.maxOutputTokens)
    require("c.concurrency", filter.minConcurrency, filter.maxConcurrency)
  }

  private mutating func require(_ column: String, _ least: Int32, _ most: Int32) {
    if least != 0 { require("\(column) >= $", .int8(Int64(least))) }
    if most != 0 { require("\(column) <= $", .int8(Int64(most))) }
  }
}
