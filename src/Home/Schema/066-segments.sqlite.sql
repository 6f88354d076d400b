-- Groups of persons that rules and pushed content name: by a rule, or by a list where there is none.
CREATE TABLE home_segments (
    key TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    rule TEXT,
    priority BIGINT NOT NULL CHECK (priority BETWEEN 0 AND 1000),
    version BIGINT NOT NULL,
    -- A rule that waits for a second admin, and whose wish it is.
    proposal TEXT,
    proposer_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE home_segment_members (
    user_id TEXT NOT NULL,
    segment TEXT NOT NULL REFERENCES home_segments (key),
    PRIMARY KEY (user_id, segment)
);

CREATE INDEX home_segment_members_segment ON home_segment_members (segment, user_id);
