CREATE TABLE foundation_events (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX foundation_events_age ON foundation_events (created_at);

CREATE TABLE foundation_deliveries (
    event_id TEXT NOT NULL REFERENCES foundation_events (id) ON DELETE CASCADE,
    handler TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    is_dead BOOLEAN NOT NULL DEFAULT false,
    last_error TEXT,
    PRIMARY KEY (event_id, handler)
);

CREATE INDEX foundation_deliveries_due ON foundation_deliveries (is_dead, due_at);

CREATE TABLE foundation_idempotency (
    caller TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (caller, endpoint, key)
);

CREATE INDEX foundation_idempotency_age ON foundation_idempotency (created_at);
