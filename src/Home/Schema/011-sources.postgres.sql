-- A system of another team that pushes what its widgets show.
CREATE TABLE home_sources (
    key TEXT NOT NULL PRIMARY KEY,
    team TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Keys are shown once; a hash is enough to know one again. What comes with a sandbox key is checked and not kept.
CREATE TABLE home_source_keys (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL REFERENCES home_sources (key),
    hash TEXT NOT NULL UNIQUE,
    is_sandbox BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX home_source_keys_source ON home_source_keys (source, id);

-- What a widget shows, to all (no user) or to one person; content is null where there is nothing to show.
CREATE TABLE home_snapshots (
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    user_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT,
    received_at BIGINT NOT NULL,
    fresh_until BIGINT NOT NULL,
    shown_until BIGINT NOT NULL,
    PRIMARY KEY (user_id, source, key)
);

CREATE INDEX home_snapshots_end ON home_snapshots (shown_until);

-- Snapshots that were refused, and why; the latest of each source.
CREATE TABLE home_refusals (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    user_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    code TEXT NOT NULL,
    reasons TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX home_refusals_source ON home_refusals (source, id);
CREATE INDEX home_refusals_user ON home_refusals (user_id, id);
