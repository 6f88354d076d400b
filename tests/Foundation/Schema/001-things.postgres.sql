CREATE TABLE test_things (
    id TEXT NOT NULL PRIMARY KEY,
    pieces BIGINT NOT NULL CHECK (pieces >= 0)
);
