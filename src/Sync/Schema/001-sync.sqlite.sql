-- One counter for each user who ever wrote. A version is drawn under the row's lock and held to the commit.
CREATE TABLE sync_users (
    user_id TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    tombstone_floor BIGINT NOT NULL DEFAULT 0 CHECK (tombstone_floor BETWEEN 0 AND version)
) WITHOUT ROWID;

CREATE TRIGGER sync_users_forward BEFORE UPDATE ON sync_users
WHEN NEW.version < OLD.version OR NEW.tombstone_floor < OLD.tombstone_floor
BEGIN
    SELECT RAISE(ABORT, 'sync_users: a counter never goes back');
END;

-- What each device did last, and how far it is with a first sync in pages.
CREATE TABLE sync_devices (
    user_id TEXT NOT NULL,
    device TEXT NOT NULL,
    pulled_at BIGINT,
    pulled_version BIGINT,
    pushed_at BIGINT,
    pushed_version BIGINT,
    page_start BIGINT,
    page_end BIGINT,
    PRIMARY KEY (user_id, device)
) WITHOUT ROWID;
