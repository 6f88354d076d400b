-- What is on the shelf, and how much of it is promised to somebody. One row for each product, from its first day.
CREATE TABLE shop_stock (
    product_id TEXT   NOT NULL PRIMARY KEY REFERENCES shop_products (id),
    on_hand    BIGINT NOT NULL CHECK (on_hand >= 0),
    reserved   BIGINT NOT NULL,
    CHECK (reserved BETWEEN 0 AND on_hand)
) WITHOUT ROWID;

-- Who has how much of it promised, until when. A hold that ran out still counts as reserved until it is given back.
CREATE TABLE shop_holds (
    product_id TEXT   NOT NULL REFERENCES shop_stock (product_id),
    holder     TEXT   NOT NULL,
    quantity   BIGINT NOT NULL CHECK (quantity > 0),
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (product_id, holder)
) WITHOUT ROWID;

CREATE INDEX shop_holds_expiry_of_product ON shop_holds (product_id, expires_at, quantity);
CREATE INDEX shop_holds_expiry ON shop_holds (expires_at);

-- Every movement, for ever. The sums of its deltas are the row in shop_stock.
CREATE TABLE shop_ledger (
    id             INTEGER PRIMARY KEY,
    product_id     TEXT    NOT NULL REFERENCES shop_stock (product_id),
    kind           TEXT    NOT NULL,
    on_hand_delta  BIGINT  NOT NULL,
    reserved_delta BIGINT  NOT NULL,
    holder         TEXT    NULL,
    order_id       TEXT    NULL,
    actor          TEXT    NOT NULL,
    reason         TEXT    NULL,
    at             BIGINT  NOT NULL
);

CREATE INDEX shop_ledger_of_product ON shop_ledger (product_id, at, id);

CREATE TRIGGER shop_ledger_is_not_updated BEFORE UPDATE ON shop_ledger
BEGIN
    SELECT RAISE(ABORT, 'shop_ledger is append-only');
END;

CREATE TRIGGER shop_ledger_is_not_deleted BEFORE DELETE ON shop_ledger
BEGIN
    SELECT RAISE(ABORT, 'shop_ledger is append-only');
END;
