-- One counter for the rows that everybody has. It counts changes; unlike a user's it says nothing about the time.
CREATE TABLE sync_shared (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version BIGINT NOT NULL CHECK (version >= 0)
);

INSERT INTO sync_shared (only_row, version) VALUES (1, 0);

CREATE FUNCTION sync_shared_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sync_shared: the counter never goes back';
END
$$;

CREATE TRIGGER sync_shared_forward BEFORE UPDATE ON sync_shared
FOR EACH ROW WHEN (NEW.version <= OLD.version)
EXECUTE FUNCTION sync_shared_forward();

-- Where in a user's versions the shared rows come: whoever has everything up to this version has the shared rows up to that one.
CREATE TABLE sync_marks (
    user_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    shared_version BIGINT NOT NULL,
    PRIMARY KEY (user_id, version)
);
