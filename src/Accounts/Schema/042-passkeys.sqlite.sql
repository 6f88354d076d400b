CREATE TABLE accounts_passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    -- By which the authenticator knows it, in base64url.
    credential_id TEXT NOT NULL UNIQUE,
    -- As its owner calls it.
    name TEXT NOT NULL,
    -- A COSE key.
    public_key BLOB NOT NULL,
    -- How often the authenticator has signed, as it says; 0 for one that does not count.
    sign_count BIGINT NOT NULL,
    -- How a browser may reach the authenticator, separated by spaces: `internal`, `usb`, `hybrid` ...
    transports TEXT NOT NULL,
    is_backup_eligible BOOLEAN NOT NULL,
    is_backed_up BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE INDEX accounts_passkeys_user ON accounts_passkeys (user_id, created_at);
