-- Whom an event tells of, so that an erasure finds it.
ALTER TABLE foundation_events ADD COLUMN user_id TEXT;

CREATE INDEX foundation_events_of_user ON foundation_events (user_id) WHERE user_id IS NOT NULL;

UPDATE foundation_events SET user_id = json_extract(payload, '$.userId');
