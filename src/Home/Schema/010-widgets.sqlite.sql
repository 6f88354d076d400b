-- Team, place, assurance, rule, hours and fallback, as one JSON object: the feed's model reads all of it, and nothing is looked up by it.
ALTER TABLE home_widgets ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

-- What somebody wants to be shown, until somebody else publishes it; JSON as in a revision.
ALTER TABLE home_widgets ADD COLUMN proposal TEXT;
ALTER TABLE home_widgets ADD COLUMN proposer_id TEXT;

-- What a widget was after each change, whole, so that any of them can be brought back.
CREATE TABLE home_revisions (
    widget_id TEXT NOT NULL REFERENCES home_widgets (id),
    version BIGINT NOT NULL,
    user_id TEXT,
    at BIGINT NOT NULL,
    widget TEXT NOT NULL,
    PRIMARY KEY (widget_id, version)
);

CREATE INDEX home_revisions_user ON home_revisions (user_id, widget_id, version);
