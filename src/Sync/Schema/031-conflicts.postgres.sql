-- Which rows devices changed without having seen what they were by then, and what became of it.
CREATE TABLE sync_conflicts (
    user_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    table_name TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('refused', 'merged', 'deleted')),
    PRIMARY KEY (user_id, at, table_name, row_id)
);

CREATE INDEX sync_conflicts_at ON sync_conflicts (at);
