-- What the feed shows a person, as their phones keep it.
CREATE TABLE home_phone_widgets (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    type_version BIGINT NOT NULL,
    title TEXT NOT NULL,
    titles TEXT NOT NULL,
    position BIGINT NOT NULL,
    content TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX home_phone_widgets_version ON home_phone_widgets (user_id, version);
CREATE INDEX home_phone_widgets_deleted ON home_phone_widgets (version) WHERE is_deleted = true;

CREATE FUNCTION home_phone_versioned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a write needs a newly drawn version, and keeps its key', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER home_phone_widgets_versioned BEFORE UPDATE ON home_phone_widgets
FOR EACH ROW WHEN (NEW.version <= OLD.version OR NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id)
EXECUTE FUNCTION home_phone_versioned();
