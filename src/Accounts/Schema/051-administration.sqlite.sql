-- Null while the person may sign in.
ALTER TABLE accounts_users ADD COLUMN locked_at BIGINT;

-- Said by an admin, for admins.
ALTER TABLE accounts_users ADD COLUMN locked_because TEXT;

CREATE INDEX accounts_users_locked ON accounts_users (id) WHERE locked_at IS NOT NULL;

CREATE INDEX accounts_roles_role ON accounts_roles (role, user_id);

-- What a person is found by: the words of the name and the address, in lower case and without accents.
CREATE TABLE accounts_words (
    word TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES accounts_users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
) WITHOUT ROWID;

CREATE INDEX accounts_words_user ON accounts_words (user_id);

WITH RECURSIVE split (id, word, rest) AS (
    SELECT id, '', lower(name) || ' ' || email_key || ' ' || substr(email_key, instr(email_key, '@') + 1) || ' '
    FROM accounts_users
    UNION ALL
    SELECT id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
    FROM split
    WHERE rest <> ''
)
INSERT INTO accounts_words (word, user_id)
SELECT DISTINCT word, id FROM split WHERE word <> '';
