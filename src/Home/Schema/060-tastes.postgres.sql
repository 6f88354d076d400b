-- What the ranking knows of a person: how much they like which categories (as of when), and which widgets they saw lately on which days
-- with what result. Whoever switched it off has a row with neither.
CREATE TABLE home_tastes (
    user_id TEXT NOT NULL PRIMARY KEY,
    is_on BOOLEAN NOT NULL,
    likes TEXT NOT NULL,
    likes_as_of BIGINT NOT NULL,
    seen TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (is_on = true OR (likes = '{}' AND seen = '[]'))
);
