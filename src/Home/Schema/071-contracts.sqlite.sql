-- Examples, limits and the type that stands in, as one JSON object. A type of the build is written anew when the build says something else.
ALTER TABLE home_types ADD COLUMN contract TEXT NOT NULL DEFAULT '{}';
ALTER TABLE home_types ADD COLUMN is_built_in BOOLEAN NOT NULL DEFAULT true;

CREATE INDEX home_widgets_type ON home_widgets (type, type_version);

-- How many snapshots of a type a source has pushed in the window that began at that moment.
CREATE TABLE home_push_windows (
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    pushes BIGINT NOT NULL,
    PRIMARY KEY (source, type)
);
