-- Carts again, with fewer and smaller indexes, because every sale begins and ends one.
CREATE TABLE shop_carts_next (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NULL,
    token_hash TEXT   NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Since when others have yet to be told that it changed.
    changed_at BIGINT NULL,
    CHECK ((user_id IS NULL) <> (token_hash IS NULL))
) WITHOUT ROWID;

-- A line may have fewer pieces than were wanted.
CREATE TABLE shop_cart_lines_next (
    cart_id     TEXT   NOT NULL REFERENCES shop_carts_next (id),
    product_id  TEXT   NOT NULL REFERENCES shop_products (id),
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    wanted      BIGINT NULL CHECK (wanted > quantity),
    price_minor BIGINT NOT NULL,
    added_at    BIGINT NOT NULL,
    PRIMARY KEY (cart_id, product_id)
) WITHOUT ROWID;

INSERT INTO shop_carts_next (id, user_id, token_hash, created_at, updated_at)
SELECT id, user_id, token_hash, created_at, updated_at FROM shop_carts;

INSERT INTO shop_cart_lines_next (cart_id, product_id, quantity, price_minor, added_at)
SELECT cart_id, product_id, quantity, price_minor, added_at FROM shop_cart_lines;

DROP TABLE shop_cart_lines;
DROP TABLE shop_carts;
ALTER TABLE shop_carts_next RENAME TO shop_carts;
ALTER TABLE shop_cart_lines_next RENAME TO shop_cart_lines;

CREATE UNIQUE INDEX shop_carts_of_user ON shop_carts (user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX shop_carts_of_guest ON shop_carts (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX shop_carts_of_guests_age ON shop_carts (updated_at) WHERE token_hash IS NOT NULL;
CREATE INDEX shop_carts_changed ON shop_carts (changed_at) WHERE changed_at IS NOT NULL;
