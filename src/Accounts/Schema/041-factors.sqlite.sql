-- Authenticator apps, one for each person.
CREATE TABLE accounts_totp (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts_users (id) ON DELETE CASCADE,
    -- Encrypted with a key that is not in the database.
    sealed_secret BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    -- Null until the person has shown by a code that the app has the secret: so long it is no factor.
    confirmed_at BIGINT,
    -- The step (30 s) of the last code that was taken; none of it or before it is taken again.
    last_step BIGINT NOT NULL
);

CREATE TABLE accounts_recovery_codes (
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    pepper_id TEXT NOT NULL,
    PRIMARY KEY (user_id, hash)
);

-- Tries at codes since the last that was right: counted before they are looked at.
CREATE TABLE accounts_code_tries (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts_users (id) ON DELETE CASCADE,
    tries BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Challenges and unfinished sign-ins that were used, as long as they would be good otherwise.
CREATE TABLE accounts_spent (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX accounts_spent_expired ON accounts_spent (expires_at);
