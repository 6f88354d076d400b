-- Null while the person may sign in.
ALTER TABLE accounts_users ADD COLUMN locked_at BIGINT;

-- Said by an admin, for admins.
ALTER TABLE accounts_users ADD COLUMN locked_because TEXT;

CREATE INDEX accounts_users_locked ON accounts_users (id) WHERE locked_at IS NOT NULL;

CREATE INDEX accounts_roles_role ON accounts_roles (role, user_id);

-- What a person is found by: the words of the name and the address, in lower case and without accents.
CREATE TABLE accounts_words (
    word TEXT COLLATE "C" NOT NULL,
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
);

CREATE INDEX accounts_words_user ON accounts_words (user_id);

INSERT INTO accounts_words (word, user_id)
SELECT DISTINCT words.word, u.id
FROM accounts_users u,
    regexp_split_to_table(lower(u.name) || ' ' || u.email_key || ' ' || split_part(u.email_key, '@', 2), '\s+') AS words (word)
WHERE words.word <> '';
