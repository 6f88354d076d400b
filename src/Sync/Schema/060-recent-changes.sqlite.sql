-- What its owner changed lately, the last first.
CREATE INDEX sync_history_recent ON sync_history (user_id, until);
