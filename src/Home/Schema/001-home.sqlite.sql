-- What a widget of a type contains, as a JSON Schema. A version never changes its meaning; another meaning is another version.
CREATE TABLE home_types (
    key TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1),
    schema TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (key, version)
);

-- A widget is a source's (and its content is asked for), or an admin's own (and its content is here).
CREATE TABLE home_widgets (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    source TEXT,
    source_key TEXT,
    type TEXT NOT NULL,
    type_version BIGINT NOT NULL,
    titles TEXT NOT NULL,
    content TEXT,
    roles TEXT NOT NULL,
    starts_at BIGINT,
    ends_at BIGINT,
    priority BIGINT NOT NULL CHECK (priority BETWEEN 0 AND 1000),
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    FOREIGN KEY (type, type_version) REFERENCES home_types (key, version),
    CHECK ((source IS NULL) = (source_key IS NULL)),
    CHECK ((source IS NULL) = (content IS NOT NULL)),
    CHECK (ends_at > starts_at)
);

CREATE UNIQUE INDEX home_widgets_source ON home_widgets (source, source_key);

CREATE INDEX home_widgets_order ON home_widgets (state, priority DESC, key);
