extension TransferTable {
  /// Runs.
  package static let run = TransferTable(
    17, "run", "run", "runs",
    [
      .key("key"), .text("id"), .text("name"), .text("request_id", isOptional: true),
      .text("request_digest", isOptional: true), .text("state"),
      .small("requests_per_configuration"), .small("warmup_requests"), .integer("seed"),
      .count("configuration_count"), .count("completed_count"), .count("failed_count"),
      .count("infeasible_count"), .count("committed_sample_count"), .small("batch_count"),
      .count("commit_number"), .integer("created_at"), .integer("started_at", isOptional: true),
      .integer("ended_at", isOptional: true),
    ])

  /// Batches with their leases.
  package static let batch = TransferTable(
    18, "batch", "batch", "batches",
    [.key("key"), .text("id"), .key("run_key"), .small("position")],
    .texts("state", "model_id", "hardware_id", "engine_id", "quantization_id"),
    [
      .small("configuration_count"), .small("ended_count"), .text("agent_id", isOptional: true),
      .count("fencing_token"), .integer("lease_expires_at", isOptional: true), .count("version"),
    ])

  /// Executions with their bitmaps of committed requests.
  package static let execution = TransferTable(
    19, "execution", "execution", "executions",
    [
      .key("key"), .text("id"), .key("batch_key"), .key("run_key"), .small("position"),
      .small("attempt"), .key("configuration_key"), .text("state"), .small("request_count"),
      .bytes("committed"), .count("next_segment"), .integer("started_at", isOptional: true),
      .integer("ended_at", isOptional: true), .text("engine_version"), .text("model_revision"),
      .bool("is_simulated"), .text("failure"),
    ])

  /// Segments of executions.
  package static let segment = TransferTable(
    20, "segment", "segment", "segments", orderCount: 2,
    [
      .key("execution_key"), .count("number"), .text("agent_id"), .integer("wall_clock_anchor"),
    ])

  /// Request samples with their gaps, of which one may take a mebibyte.
  package static let sample = TransferTable(
    21, "request_sample", "request sample", "request samples", orderCount: 2, pageSize: 64,
    [
      .key("execution_key"), .unsigned("request_index"), .count("commit_number"),
      .unsigned("segment"), .count("outcome", 255), .unsigned("http_status"), .count("scheduled"),
      .count("sent"), .count("first_byte"), .count("first_content"), .count("first_visible"),
      .count("last_content"), .count("ended"), .unsigned("input_tokens"),
      .unsigned("output_tokens"), .count("token_source", 255), .unsigned("content_chunks"),
      .bytes("gaps"),
    ])

  /// What happened to runs.
  package static let commit = TransferTable(
    22, "run_commit", "commit of a run", "commits of runs", orderCount: 2,
    [
      .key("run_key"), .count("number"), .integer("committed_at"), .count("kind", 255),
      .key("execution_key", isOptional: true), .count("first_request", isOptional: true),
      .count("last_request", isOptional: true), .text("state", isOptional: true),
      .text("failure", isOptional: true), .text("agent_id", isOptional: true),
      .count("completed_count", isOptional: true), .count("failed_count", isOptional: true),
      .count("committed_sample_count", isOptional: true),
      .integer("started_at", isOptional: true), .integer("ended_at", isOptional: true),
    ])

  /// Agents that were heard of.
  package static let agent = TransferTable(
    23, "agent", "agent", "agents",
    .texts("id", "host_name", "agent_version"),
    [
      .list("hardware_ids"), .list("engine_ids"), .list("model_ids"), .list("quantization_ids"),
      .bool("is_simulated"), .integer("last_seen_at"), .text("batch_id", isOptional: true),
    ])

  /// Who changed what.
  package static let audit = TransferTable(
    24, "audit", "audit record", "audit records", [.key("key"), .integer("recorded_at")],
    .texts("caller", "roles", "method", "subject"), [.small("code")])
}
