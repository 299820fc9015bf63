extension Migration {
  /// A week whose partition somebody has detached takes no samples, which upkeep is to tell before
  /// they come: a table of the name was enough for it.
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
      END
      $$
      """
    ])
}
