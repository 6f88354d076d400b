-- Counts what changes the person's rights or ends their sessions; an access token carries it.
ALTER TABLE accounts_users ADD COLUMN rights BIGINT NOT NULL DEFAULT 0;

-- Where the sign-in came from, shortened to a network; null for older ones.
ALTER TABLE accounts_sessions ADD COLUMN network TEXT;

-- Access tokens that are refused although their time is not over. It outlives the rows that it tells of, which may be erased.
CREATE TABLE accounts_revocations (
    -- Of a session or of a person.
    id TEXT NOT NULL PRIMARY KEY,
    -- A person's tokens with smaller `rights` are refused; of a session, all are.
    below BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

CREATE INDEX accounts_revocations_age ON accounts_revocations (revoked_at);

INSERT INTO accounts_revocations (id, below, revoked_at)
SELECT id, 9223372036854775807, ended_at
FROM accounts_sessions
WHERE ended_at IS NOT NULL;

DROP INDEX accounts_sessions_ended;
