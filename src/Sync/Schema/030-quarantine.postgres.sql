-- Rows that a device holds and the server will not take, as far as they are worth looking at: every text is cut short.
CREATE TABLE sync_quarantine (
    user_id TEXT COLLATE "C" NOT NULL,
    table_name TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    column_name TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('text-too-long', 'parent-too-long')),
    content TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, table_name, row_id)
);

CREATE INDEX sync_quarantine_last ON sync_quarantine (last_at);
CREATE INDEX sync_quarantine_newest ON sync_quarantine (user_id, last_at, table_name, row_id);
