-- Tries to sign in since the last that was right: counted before the password is looked at, forgotten an hour after the last.
CREATE TABLE accounts_attempts (
    -- A keyed hash of the address and where the try came from.
    key TEXT NOT NULL PRIMARY KEY,
    tries BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

CREATE INDEX accounts_attempts_last ON accounts_attempts (last_at);
