-- The last change of each flag: `value` is JSON, or nothing where the override was taken back.
CREATE TABLE flag_overrides (
  name TEXT PRIMARY KEY,
  value TEXT,
  changed_by TEXT,
  changed_at BIGINT,
  reason TEXT,
  ends_at BIGINT,
  revision BIGINT NOT NULL
);
