CREATE TABLE audit (
  sequence BIGINT PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT,
  role TEXT,
  address TEXT,
  request_id TEXT,
  action TEXT NOT NULL,
  target TEXT,
  outcome TEXT NOT NULL,
  config_version BIGINT NOT NULL,
  detail TEXT,
  key_id TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  mac TEXT NOT NULL
);
