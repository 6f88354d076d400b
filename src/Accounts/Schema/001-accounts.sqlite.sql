CREATE TABLE accounts_users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- In lower case, with the domain in ASCII: no two accounts share one.
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    email_verified BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE accounts_roles (
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, role)
);

CREATE TABLE accounts_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- How often the refresh token was replaced; the hash is of the secret in the newest.
    generation BIGINT NOT NULL,
    secret_hash BLOB NOT NULL,
    -- Of the last replacement, all null before the first: what the secret was derived with, and by whose attempt.
    salt BLOB,
    pepper_id TEXT,
    attempt_hash BLOB,
    rotated_at BIGINT,
    -- When the newest was used first; null while nobody has shown that he has it.
    acknowledged_at BIGINT,
    ended_at BIGINT,
    ended_because TEXT
);

CREATE INDEX accounts_sessions_user ON accounts_sessions (user_id, last_seen_at);

CREATE INDEX accounts_sessions_ended ON accounts_sessions (ended_at);

CREATE INDEX accounts_sessions_expired ON accounts_sessions (expires_at);
