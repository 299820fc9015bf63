extension Migration {
  /// A week whose partition somebody has detached takes no samples, which upkeep is to tell before
  /// they come: a table of the name was enough for it. Partitions that somebody named otherwise are
  /// theirs: they take samples, and are not dropped.
  static let detachedPartitions = Migration(
    version: 5, name: "detached partitions",
    statements: [
      """
      CREATE OR REPLACE FUNCTION benchfront.make_sample_partition(moment timestamptz) RETURNS void
      LANGUAGE plpgsql AS $$
      DECLARE
        first timestamp := date_trunc('week', moment AT TIME ZONE 'UTC');
        name text := 'request_sample_' || to_char(first, 'YYYYMMDD');
        found regclass;
      BEGIN
        IF (SELECT relkind FROM pg_class
            WHERE oid = 'benchfront.request_sample'::regclass) <> 'p' THEN
          RETURN;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('benchfront.request_sample', 0));
        found := to_regclass('benchfront.' || name);
        IF found IS NOT NULL THEN
          IF NOT EXISTS (
            SELECT FROM pg_inherits
            WHERE inhrelid = found AND inhparent = 'benchfront.request_sample'::regclass
              AND NOT inhdetachpending) THEN
            RAISE EXCEPTION 'benchfront.% is no partition of benchfront.request_sample', name
              USING ERRCODE = 'BF001';
          END IF;
          RETURN;
        END IF;
        EXECUTE format(
          'CREATE TABLE benchfront.%I (LIKE benchfront.request_sample INCLUDING ALL)', name);
        EXECUTE format(
          'ALTER TABLE benchfront.request_sample ATTACH PARTITION benchfront.%I '
          'FOR VALUES FROM (%L) TO (%L)', name, first AT TIME ZONE 'UTC',
          (first + INTERVAL '7 days') AT TIME ZONE 'UTC');
      EXCEPTION WHEN invalid_object_definition THEN
        -- A partition of another name has the week, as one that was renamed.
        RETURN;
      END
      $$
      """,
      """
      CREATE OR REPLACE FUNCTION benchfront.drop_samples(before timestamptz) RETURNS int8
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
            AND CASE WHEN c.relname ~ '^request_sample_[0-9]{8}$'
              THEN to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp + INTERVAL '7 days'
                <= before AT TIME ZONE 'UTC' ELSE false END
          ORDER BY c.relname
        LOOP
          EXECUTE format('DROP TABLE %s', partition);
          dropped := dropped + 1;
        END LOOP;
        RETURN dropped;
      END
      $$
      """,
    ])
}
