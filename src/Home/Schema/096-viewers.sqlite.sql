-- Who saw a widget lately, so that each counts once a day in what feeds are ordered by: on which day (since 1970) first and last, and on
-- which they clicked it last (0: never). A visitor is an account, or a digest that stands for a part of the strangers of a network.
CREATE TABLE home_viewers (
    visitor TEXT NOT NULL,
    widget_id TEXT NOT NULL,
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    click_day BIGINT NOT NULL,
    PRIMARY KEY (visitor, widget_id)
) WITHOUT ROWID;

CREATE INDEX home_viewers_day ON home_viewers (last_day);

-- How many saw and clicked a widget on a day, each once; newcomers had not seen it in the days before that are kept. Writers spread over
-- shards, so that they seldom wait for each other.
CREATE TABLE home_rate_counts (
    day BIGINT NOT NULL,
    widget_id TEXT NOT NULL,
    segment TEXT NOT NULL,
    shard BIGINT NOT NULL,
    viewers BIGINT NOT NULL,
    clickers BIGINT NOT NULL,
    newcomers BIGINT NOT NULL,
    PRIMARY KEY (day, widget_id, segment, shard)
) WITHOUT ROWID;
