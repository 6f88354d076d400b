-- When the owner last proved who they are; null: when the session was opened, and not since.
ALTER TABLE accounts_sessions ADD COLUMN authenticated_at BIGINT;

-- By what, all taken together: values of `amr` (RFC 8176), separated by spaces.
ALTER TABLE accounts_sessions ADD COLUMN methods TEXT NOT NULL DEFAULT 'pwd';
