-- Old days are added up and forgotten one by one.
CREATE INDEX home_event_counts_day ON home_event_counts (day);
