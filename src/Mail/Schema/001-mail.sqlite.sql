CREATE TABLE mail_letters (
    id TEXT NOT NULL PRIMARY KEY,
    -- The sender's name for the letter, by which it is posted once; null where it stands for itself.
    key TEXT UNIQUE,
    to_address TEXT NOT NULL,
    to_name TEXT NOT NULL,
    user_id TEXT,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Both are empty when a secret letter has left.
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    is_secret BOOLEAN NOT NULL,
    -- kept (there is no mail server), waiting, sent, failed.
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);

CREATE INDEX mail_letters_due ON mail_letters (due_at) WHERE state = 'waiting';

CREATE INDEX mail_letters_age ON mail_letters (created_at);

CREATE INDEX mail_letters_user ON mail_letters (user_id);
