-- In which letters to this person are written: `en` or `de`.
ALTER TABLE accounts_users ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

-- Links in letters that act in their recipient's name. Ended ones are kept for a while, to count letters by.
CREATE TABLE accounts_links (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    -- verify-email, change-email, undo-email, reset-password; email-taken is a letter without a link.
    purpose TEXT NOT NULL,
    -- The address that the link is about.
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    -- Null until its letter is written.
    token_hash BYTEA UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Used, or replaced by a newer one.
    ended_at BIGINT
);

CREATE INDEX accounts_links_user ON accounts_links (user_id, purpose, created_at);

CREATE INDEX accounts_links_reserved ON accounts_links (email_key) WHERE purpose = 'undo-email';

CREATE INDEX accounts_links_age ON accounts_links (created_at);

-- Who wants an account and has yet to show that the address is theirs, where that is asked for.
CREATE TABLE accounts_registrations (
    email_key TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    language TEXT NOT NULL,
    -- Null until its letter is written.
    token_hash BYTEA UNIQUE,
    expires_at BIGINT NOT NULL,
    -- Letters to this address since a time.
    letters BIGINT NOT NULL,
    letters_since BIGINT NOT NULL
);

CREATE INDEX accounts_registrations_age ON accounts_registrations (expires_at);
