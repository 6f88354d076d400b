-- How rows were before they were changed: the state that `version` brought, until the version that replaced it.
CREATE TABLE sync_history (
    user_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    until BIGINT NOT NULL,
    device TEXT NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    content TEXT,
    PRIMARY KEY (user_id, table_name, row_id, version)
) WITHOUT ROWID;

CREATE INDEX sync_history_until ON sync_history (until);
