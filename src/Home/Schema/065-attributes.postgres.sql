-- What other teams' systems may tell of persons, so that rules can ask about it.
CREATE TABLE home_attributes (
    source TEXT NOT NULL REFERENCES home_sources (key),
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('text', 'number', 'flag', 'text-list')),
    privacy TEXT NOT NULL CHECK (privacy IN ('public', 'personal', 'sensitive')),
    description TEXT NOT NULL,
    -- A JSON array of the only texts that it can have; null for any.
    allowed TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (source, name)
);

-- What such a system has told of a person, whole, as one JSON object of names and values.
CREATE TABLE home_facts (
    user_id TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES home_sources (key),
    version BIGINT NOT NULL,
    facts TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, source)
);
