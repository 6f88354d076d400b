-- The events that were counted, so that none counts twice: a digest of each visitor's event id, which leads back to nobody.
CREATE TABLE home_event_ids (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX home_event_ids_at ON home_event_ids (at);

-- How many events a person, or a network of strangers, sent on a day (since 1970); one of the two is empty.
CREATE TABLE home_event_senders (
    user_id TEXT NOT NULL,
    network TEXT NOT NULL,
    day BIGINT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (user_id, network, day)
);

CREATE INDEX home_event_senders_day ON home_event_senders (day);

-- What readers did with widgets on a day (since 1970, UTC). Without an experiment it is everything; for each experiment that concerned a
-- reader the same is counted once more. Position -1 is unknown. Writers spread over shards, so that they seldom wait for each other.
CREATE TABLE home_event_counts (
    experiment TEXT NOT NULL,
    day BIGINT NOT NULL,
    widget_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    segment TEXT NOT NULL,
    variation BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    impressions BIGINT NOT NULL,
    clicks BIGINT NOT NULL,
    dismissals BIGINT NOT NULL,
    PRIMARY KEY (experiment, day, widget_id, position, segment, variation, shard)
);

CREATE INDEX home_event_counts_experiments ON home_event_counts (day) WHERE experiment <> '';
