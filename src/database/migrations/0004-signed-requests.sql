CREATE TABLE signed_requests (
  id TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);

CREATE INDEX signed_requests_expires_at ON signed_requests (expires_at);
