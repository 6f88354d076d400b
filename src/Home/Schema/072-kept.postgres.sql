-- What the sources of this process last said to all, so that a server that starts while one of them is down has it.
CREATE TABLE home_kept (
    widget_key TEXT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    content TEXT,
    as_of BIGINT NOT NULL
);
