-- How rows were before they were changed: the state that `version` brought, until the version that replaced it.
CREATE TABLE sync_history (
    user_id TEXT COLLATE "C" NOT NULL,
    table_name TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    until BIGINT NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    content TEXT,
    PRIMARY KEY (user_id, table_name, row_id, version)
);

CREATE INDEX sync_history_until ON sync_history (until);
