extension Migration {
  /// Samples have no unique index: the bitmap of committed requests in their execution's row says
  /// which there are. They are partitioned by when their execution began.
  static let samples = Migration(
    version: 3, name: "samples",
    statements: [
      extensionIfLoaded, table,
      """
      CREATE INDEX request_sample_execution
        ON benchfront.request_sample (execution_key, request_index)
      """,
      aggregate, partition, retention,
    ])

  /// The extension's setting is there when the server has loaded it. Who may not create it does
  /// without.
  private static let extensionIfLoaded = """
    DO $$
    BEGIN
      IF current_setting('timescaledb.disable_load', true) IS NOT NULL THEN
        CREATE EXTENSION IF NOT EXISTS timescaledb;
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      NULL;
    END
    $$
    """

  private static let hasTimescale = """
    EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')
    """

  private static let columns = """
    (execution_key int8 NOT NULL, started_at timestamptz NOT NULL, commit_number int8 NOT NULL,
    scheduled int8 NOT NULL, sent int8 NOT NULL, first_byte int8 NOT NULL,
    first_content int8 NOT NULL, first_visible int8 NOT NULL, last_content int8 NOT NULL,
    ended int8 NOT NULL, request_index int4 NOT NULL, segment int4 NOT NULL,
    input_tokens int4 NOT NULL, output_tokens int4 NOT NULL, content_chunks int4 NOT NULL,
    http_status int2 NOT NULL, outcome int2 NOT NULL, token_source int2 NOT NULL,
    gaps bytea NOT NULL)
    """

  /// Compression belongs to the extension's community edition, and is left out without it.
  private static let table = """
    DO $$
    BEGIN
      IF NOT \(hasTimescale) THEN
        CREATE TABLE benchfront.request_sample \(columns) PARTITION BY RANGE (started_at);
        RETURN;
      END IF;
      CREATE TABLE benchfront.request_sample \(columns);
      PERFORM create_hypertable(
        'benchfront.request_sample'::regclass, 'started_at'::name,
        chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);
      BEGIN
        EXECUTE 'ALTER TABLE benchfront.request_sample SET (timescaledb.compress, '
          'timescaledb.compress_segmentby = ''execution_key'', '
          'timescaledb.compress_orderby = ''request_index'')';
        PERFORM add_compression_policy('benchfront.request_sample', INTERVAL '14 days');
      EXCEPTION WHEN feature_not_supported THEN
        NULL;
      END;
    END
    $$
    """

  private static func hours(_ bucket: String) -> String {
    """
    SELECT execution_key, \(bucket) AS hour, count(*) AS request_count,
      count(*) FILTER (WHERE outcome <> 1) AS error_count,
      sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
      avg(first_content - sent) FILTER (WHERE outcome = 1) AS mean_ttft_nanoseconds,
      avg(last_content - sent) FILTER (WHERE outcome = 1) AS mean_e2e_nanoseconds
    FROM benchfront.request_sample GROUP BY 1, 2
    """
  }

  /// Samples by execution and hour: kept up to date by the extension, or else computed when asked.
  private static let aggregate = """
    DO $$
    BEGIN
      IF \(hasTimescale) THEN
        BEGIN
          EXECUTE $hours$
            CREATE MATERIALIZED VIEW benchfront.sample_hour
            WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
            \(hours("time_bucket(INTERVAL '1 hour', started_at)")) WITH NO DATA
            $hours$;
          PERFORM add_continuous_aggregate_policy(
            'benchfront.sample_hour', start_offset => INTERVAL '14 days',
            end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '1 hour');
          RETURN;
        EXCEPTION WHEN feature_not_supported THEN
          NULL;
        END;
      END IF;
      CREATE VIEW benchfront.sample_hour AS
      \(hours("date_trunc('hour', started_at)"));
    END
    $$
    """

  /// A table that is made first and attached then waits for no COPY that is under way.
  private static let partition = """
    CREATE FUNCTION benchfront.make_sample_partition(moment timestamptz) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
      first timestamp := date_trunc('week', moment AT TIME ZONE 'UTC');
      name text := 'request_sample_' || to_char(first, 'YYYYMMDD');
    BEGIN
      IF (SELECT relkind FROM pg_class
          WHERE oid = 'benchfront.request_sample'::regclass) <> 'p' THEN
        RETURN;
      END IF;
      PERFORM pg_advisory_xact_lock(hashtextextended('benchfront.request_sample', 0));
      IF to_regclass('benchfront.' || name) IS NOT NULL THEN
        RETURN;
      END IF;
      EXECUTE format(
        'CREATE TABLE benchfront.%I (LIKE benchfront.request_sample INCLUDING ALL)', name);
      EXECUTE format(
        'ALTER TABLE benchfront.request_sample ATTACH PARTITION benchfront.%I '
        'FOR VALUES FROM (%L) TO (%L)', name, first AT TIME ZONE 'UTC',
        (first + INTERVAL '7 days') AT TIME ZONE 'UTC');
    END
    $$
    """

  private static let retention = """
    CREATE FUNCTION benchfront.drop_samples(before timestamptz) RETURNS int8
    LANGUAGE plpgsql AS $$
    DECLARE
      partition regclass;
      dropped int8 := 0;
    BEGIN
      IF (SELECT relkind FROM pg_class
          WHERE oid = 'benchfront.request_sample'::regclass) <> 'p' THEN
        SELECT count(*) INTO dropped FROM drop_chunks('benchfront.request_sample', before);
        RETURN dropped;
      END IF;
      PERFORM pg_advisory_xact_lock(hashtextextended('benchfront.request_sample', 0));
      FOR partition IN
        SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'benchfront.request_sample'::regclass
          AND to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp + INTERVAL '7 days'
            <= before AT TIME ZONE 'UTC'
        ORDER BY c.relname
      LOOP
        EXECUTE format('DROP TABLE %s', partition);
        dropped := dropped + 1;
      END LOOP;
      RETURN dropped;
    END
    $$
    """
}
