-- Who a person is at other sites that they sign in with.
CREATE TABLE accounts_identities (
    provider TEXT NOT NULL,
    -- The other site's own and lasting name of the person.
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    -- What the other site called their address when it was linked; only shown.
    email TEXT,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject),
    UNIQUE (user_id, provider)
);
