-- What a source declares that is pulled, and how it fares. One row is one source's turn over all nodes: whoever writes `called_at` may call.
CREATE TABLE home_pulls (
    source TEXT NOT NULL PRIMARY KEY REFERENCES home_sources (key),
    url TEXT NOT NULL,
    interval_ms BIGINT NOT NULL CHECK (interval_ms >= 1000),
    calls_per_minute BIGINT NOT NULL CHECK (calls_per_minute >= 1),
    timeout_ms BIGINT NOT NULL,
    bytes_max BIGINT NOT NULL,
    auth TEXT NOT NULL CHECK (auth IN ('none', 'bearer', 'signed')),
    secret TEXT,
    next_pull_at BIGINT NOT NULL,
    called_at BIGINT NOT NULL DEFAULT 0,
    leased_until BIGINT NOT NULL DEFAULT 0,
    paused_until BIGINT NOT NULL DEFAULT 0,
    etag TEXT,
    etag_at BIGINT NOT NULL DEFAULT 0,
    succeeded_at BIGINT,
    failed_at BIGINT,
    failure TEXT,
    failures BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX home_pulls_due ON home_pulls (next_pull_at);

-- The latest calls of each; what is without an outcome is under way, or its node ended.
CREATE TABLE home_pull_calls (
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT,
    took_ms BIGINT,
    bytes BIGINT,
    PRIMARY KEY (source, at)
);

-- What was refused, cut where it is long.
ALTER TABLE home_refusals ADD COLUMN payload TEXT;

-- When a source is ended, what it brought goes with it, of persons too.
CREATE INDEX home_snapshots_source ON home_snapshots (source);
