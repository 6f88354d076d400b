-- Which share of the feeds, in ten-thousandths, each admin has changed on one day without a second person.
CREATE TABLE home_reaches (
    user_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    share BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX home_reaches_by_day ON home_reaches (day);

-- What waits for a second person is counted on each look at the list of widgets.
CREATE INDEX home_widgets_waiting ON home_widgets (key) WHERE proposal IS NOT NULL;
