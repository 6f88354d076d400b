-- What is tried on readers: its design as one JSON object, which the feed's model reads whole.
CREATE TABLE home_experiments (
    key TEXT NOT NULL PRIMARY KEY,
    design TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'running', 'stopped', 'archived')),
    -- The variation that everybody is shown from then on; null for the control.
    decision TEXT,
    started_at BIGINT,
    stopped_at BIGINT,
    archived_at BIGINT,
    -- What somebody wants, until somebody else agrees.
    proposal TEXT,
    proposer_id TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX home_experiments_state ON home_experiments (state, key);
CREATE INDEX home_experiments_proposer ON home_experiments (proposer_id, key);

-- What an experiment was after each change, whole.
CREATE TABLE home_experiment_revisions (
    experiment TEXT NOT NULL REFERENCES home_experiments (key),
    version BIGINT NOT NULL,
    user_id TEXT,
    at BIGINT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (experiment, version)
);

CREATE INDEX home_experiment_revisions_user ON home_experiment_revisions (user_id, experiment, version);

-- Which variation a person (`id`) or a device (`deviceId`, a hash of it) saw first, and what they did from then on. A device whose user
-- signed in is no longer counted: the person is.
CREATE TABLE home_assignments (
    attribute TEXT NOT NULL,
    unit TEXT NOT NULL,
    experiment TEXT NOT NULL,
    bucket_version BIGINT NOT NULL,
    variation TEXT NOT NULL,
    exposed_at BIGINT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    dismissals BIGINT NOT NULL DEFAULT 0,
    feed_clicks BIGINT NOT NULL DEFAULT 0,
    goal_at BIGINT,
    is_counted BOOLEAN NOT NULL DEFAULT true,
    PRIMARY KEY (attribute, unit, experiment, bucket_version)
);

CREATE INDEX home_assignments_experiment ON home_assignments (experiment, bucket_version, variation);
