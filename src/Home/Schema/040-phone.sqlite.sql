-- What the feed shows a person, as their phones keep it.
CREATE TABLE home_phone_widgets (
    user_id TEXT NOT NULL CHECK (typeof(user_id) = 'text'),
    id TEXT NOT NULL CHECK (typeof(id) = 'text'),
    key TEXT NOT NULL CHECK (typeof(key) = 'text'),
    type TEXT NOT NULL CHECK (typeof(type) = 'text'),
    type_version BIGINT NOT NULL CHECK (typeof(type_version) = 'integer'),
    title TEXT NOT NULL CHECK (typeof(title) = 'text'),
    titles TEXT NOT NULL CHECK (typeof(titles) = 'text'),
    position BIGINT NOT NULL CHECK (typeof(position) = 'integer'),
    content TEXT NOT NULL CHECK (typeof(content) = 'text'),
    version BIGINT NOT NULL CHECK (typeof(version) = 'integer' AND version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false CHECK (is_deleted IN (false, true)),
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;

CREATE INDEX home_phone_widgets_version ON home_phone_widgets (user_id, version);
CREATE INDEX home_phone_widgets_deleted ON home_phone_widgets (version) WHERE is_deleted = true;

CREATE TRIGGER home_phone_widgets_versioned BEFORE UPDATE ON home_phone_widgets
WHEN NEW.version <= OLD.version OR NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id
BEGIN
    SELECT RAISE(ABORT, 'home_phone_widgets: a write needs a newly drawn version, and keeps its key');
END;
