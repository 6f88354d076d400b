-- What the simulated payment provider keeps on its side. It belongs to nobody's shop: nothing else reads it.
CREATE TABLE shop_simulator_objects (
    id         TEXT   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    parent     TEXT   NULL,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX shop_simulator_objects_by_age ON shop_simulator_objects (kind, created_at, id);
CREATE INDEX shop_simulator_objects_of_parent ON shop_simulator_objects (parent, kind) WHERE parent IS NOT NULL;

CREATE TABLE shop_simulator_keys (
    key          TEXT   NOT NULL PRIMARY KEY,
    request_hash TEXT   NOT NULL,
    status       BIGINT NOT NULL,
    answer       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);

-- What it will do by itself: send a webhook, or let a slow bank answer.
CREATE TABLE shop_simulator_tasks (
    id       TEXT   NOT NULL PRIMARY KEY,
    kind     TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    due_at   BIGINT NOT NULL
);

CREATE INDEX shop_simulator_tasks_due ON shop_simulator_tasks (due_at);
