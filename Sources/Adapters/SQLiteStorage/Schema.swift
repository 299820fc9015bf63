internal import GRDB
internal import Storage

/// The tables, as the migrations that made them. A migration that has been released never
/// changes; the next one goes behind it.
enum Schema {
  /// Brings the file to this version; refuses one that a newer version wrote.
  static func migrate(_ file: some DatabaseWriter) throws {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 catalog") { try $0.execute(sql: catalog) }
    migrator.registerMigration("2 runs") { try $0.execute(sql: runs) }
    migrator.registerMigration("3 request digests") {
      try $0.execute(sql: "ALTER TABLE run ADD COLUMN request_digest TEXT")
    }
    migrator.registerMigration("4 audit") { try $0.execute(sql: audit) }
    guard try !file.read(migrator.hasBeenSuperseded) else {
      throw StorageError(
        .failedPrecondition,
        "The data folder was written by a newer version of benchfront-server; use that version.")
    }
    try migrator.migrate(file)
  }

  private static let catalog = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta (name, value) VALUES ('data_version', 0);

    CREATE TABLE model (
      id TEXT PRIMARY KEY, display_name TEXT NOT NULL, kind TEXT NOT NULL,
      provider TEXT NOT NULL, parameter_count INTEGER NOT NULL, layer_count INTEGER NOT NULL,
      key_value_head_count INTEGER NOT NULL, head_dimension INTEGER NOT NULL,
      context_length INTEGER NOT NULL, license TEXT NOT NULL, revision TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE hardware (
      id TEXT PRIMARY KEY, accelerator TEXT NOT NULL, vendor TEXT NOT NULL,
      accelerator_count INTEGER NOT NULL, memory_bytes INTEGER NOT NULL,
      memory_bandwidth_bytes_per_second INTEGER NOT NULL, power_watts REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE engine (
      id TEXT PRIMARY KEY, display_name TEXT NOT NULL, quantization_ids TEXT NOT NULL,
      homepage TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE price (
      id TEXT PRIMARY KEY, hardware_id TEXT, model_id TEXT, usd_per_hour REAL,
      usd_per_million_input_tokens REAL, usd_per_million_output_tokens REAL,
      basis TEXT NOT NULL, offer TEXT NOT NULL, region TEXT NOT NULL, source TEXT NOT NULL,
      observed_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX price_item ON price (hardware_id, model_id, basis);

    CREATE TABLE configuration (
      key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, model_id TEXT NOT NULL,
      hardware_id TEXT NOT NULL, engine_id TEXT NOT NULL, quantization_id TEXT NOT NULL,
      input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
      concurrency INTEGER NOT NULL, max_batch INTEGER NOT NULL, extra TEXT NOT NULL
    ) STRICT;
    CREATE INDEX configuration_model ON configuration (model_id, id);

    CREATE TABLE result (
      key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
      configuration_key INTEGER NOT NULL REFERENCES configuration (key), run_id TEXT,
      attempt INTEGER NOT NULL, is_newest INTEGER NOT NULL, kind TEXT NOT NULL,
      tool TEXT NOT NULL, tool_version TEXT NOT NULL, source TEXT NOT NULL,
      engine_version TEXT NOT NULL, model_revision TEXT NOT NULL, measured_at INTEGER,
      request_count INTEGER NOT NULL, error_count INTEGER NOT NULL,
      ttft_seconds REAL, tpot_seconds REAL, output_tokens_per_second REAL,
      measurements BLOB NOT NULL
    ) STRICT;
    CREATE INDEX result_configuration ON result (configuration_key, run_id, attempt);
    CREATE INDEX result_run ON result (run_id);
    """

  private static let runs = """
    CREATE TABLE run (
      key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
      request_id TEXT UNIQUE, state TEXT NOT NULL,
      requests_per_configuration INTEGER NOT NULL, warmup_requests INTEGER NOT NULL,
      seed INTEGER NOT NULL, configuration_count INTEGER NOT NULL,
      completed_count INTEGER NOT NULL, failed_count INTEGER NOT NULL,
      infeasible_count INTEGER NOT NULL, committed_sample_count INTEGER NOT NULL,
      batch_count INTEGER NOT NULL, commit_number INTEGER NOT NULL,
      created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER
    ) STRICT;
    CREATE INDEX run_created ON run (created_at, id);

    CREATE TABLE batch (
      key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
      run_key INTEGER NOT NULL REFERENCES run (key), position INTEGER NOT NULL,
      state TEXT NOT NULL, model_id TEXT NOT NULL, hardware_id TEXT NOT NULL,
      engine_id TEXT NOT NULL, quantization_id TEXT NOT NULL,
      configuration_count INTEGER NOT NULL, ended_count INTEGER NOT NULL, agent_id TEXT,
      fencing_token INTEGER NOT NULL, lease_expires_at INTEGER, version INTEGER NOT NULL,
      UNIQUE (run_key, position)
    ) STRICT;
    CREATE INDEX batch_pending ON batch (run_key, position) WHERE state = 'pending';
    CREATE INDEX batch_leased ON batch (lease_expires_at) WHERE state = 'leased';

    CREATE TABLE execution (
      key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
      batch_key INTEGER NOT NULL REFERENCES batch (key),
      run_key INTEGER NOT NULL REFERENCES run (key), position INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      configuration_key INTEGER NOT NULL REFERENCES configuration (key),
      state TEXT NOT NULL, request_count INTEGER NOT NULL, committed BLOB NOT NULL,
      committed_count INTEGER NOT NULL, next_segment INTEGER NOT NULL, started_at INTEGER,
      ended_at INTEGER, engine_version TEXT NOT NULL, model_revision TEXT NOT NULL,
      is_simulated INTEGER NOT NULL, failure TEXT NOT NULL,
      UNIQUE (batch_key, configuration_key, attempt)
    ) STRICT;
    CREATE INDEX execution_run ON execution (run_key);
    CREATE INDEX execution_full ON execution (key)
      WHERE committed_count = request_count AND state IN ('pending', 'running');

    CREATE TABLE segment (
      execution_key INTEGER NOT NULL REFERENCES execution (key), number INTEGER NOT NULL,
      agent_id TEXT NOT NULL, wall_clock_anchor INTEGER NOT NULL,
      PRIMARY KEY (execution_key, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE request_sample (
      execution_key INTEGER NOT NULL, request_index INTEGER NOT NULL,
      commit_number INTEGER NOT NULL, segment INTEGER NOT NULL, outcome INTEGER NOT NULL,
      http_status INTEGER NOT NULL, scheduled INTEGER NOT NULL, sent INTEGER NOT NULL,
      first_byte INTEGER NOT NULL, first_content INTEGER NOT NULL,
      first_visible INTEGER NOT NULL, last_content INTEGER NOT NULL, ended INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
      token_source INTEGER NOT NULL, content_chunks INTEGER NOT NULL, gaps BLOB NOT NULL,
      PRIMARY KEY (execution_key, request_index)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE run_commit (
      run_key INTEGER NOT NULL, number INTEGER NOT NULL, committed_at INTEGER NOT NULL,
      kind INTEGER NOT NULL, execution_key INTEGER, first_request INTEGER,
      last_request INTEGER, state TEXT, failure TEXT, agent_id TEXT, completed_count INTEGER,
      failed_count INTEGER, committed_sample_count INTEGER, started_at INTEGER,
      ended_at INTEGER, PRIMARY KEY (run_key, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE agent (
      id TEXT PRIMARY KEY, host_name TEXT NOT NULL, agent_version TEXT NOT NULL,
      hardware_ids TEXT NOT NULL, engine_ids TEXT NOT NULL, model_ids TEXT NOT NULL,
      quantization_ids TEXT NOT NULL, is_simulated INTEGER NOT NULL,
      last_seen_at INTEGER NOT NULL, batch_id TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX agent_seen ON agent (last_seen_at, id);
    """

  /// Roles stand in one text, with spaces between them.
  private static let audit = """
    CREATE TABLE audit (
      key INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL, caller TEXT NOT NULL,
      roles TEXT NOT NULL, method TEXT NOT NULL, subject TEXT NOT NULL, code INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX audit_recorded ON audit (recorded_at);
    """
}
