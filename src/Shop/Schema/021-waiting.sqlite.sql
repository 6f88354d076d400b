-- People in line for a product, in the order of their serial numbers. A guest is known by the cart's token and an e-mail address.
CREATE TABLE shop_waiting (
    serial        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT    NOT NULL UNIQUE,
    product_id    TEXT    NOT NULL REFERENCES shop_stock (product_id),
    owner         TEXT    NOT NULL,
    user_id       TEXT    NULL,
    email         TEXT    NULL,
    language      TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    -- Until when a piece is kept for them; null while they wait.
    offered_until BIGINT  NULL,
    UNIQUE (product_id, owner),
    UNIQUE (product_id, email),
    CHECK ((user_id IS NULL) <> (email IS NULL))
);

CREATE INDEX shop_waiting_in_line ON shop_waiting (product_id, serial) WHERE offered_until IS NULL;
CREATE INDEX shop_waiting_of_owner ON shop_waiting (owner, serial);
CREATE INDEX shop_waiting_by_age ON shop_waiting (created_at);
