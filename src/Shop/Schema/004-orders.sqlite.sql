-- The serial number is the running part of the number that people read, and the order of the lists.
-- A cart becomes one order, which the key on cart_id keeps true whatever the code does.
CREATE TABLE shop_orders (
    serial         INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    cart_id        TEXT    NOT NULL UNIQUE,
    user_id        TEXT    NULL,
    token_hash     TEXT    NULL,
    email          TEXT    NULL,
    name           TEXT    NOT NULL,
    street         TEXT    NOT NULL,
    city           TEXT    NOT NULL,
    postal_code    TEXT    NOT NULL,
    country        TEXT    NOT NULL,
    payment_method TEXT    NOT NULL,
    total_minor    BIGINT  NOT NULL CHECK (total_minor >= 0),
    currency       TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    stock_returned BOOLEAN NOT NULL DEFAULT false,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    CHECK (user_id IS NULL OR token_hash IS NULL)
);

CREATE INDEX shop_orders_of_user ON shop_orders (user_id, serial);
CREATE INDEX shop_orders_by_status ON shop_orders (status, serial);

-- What a day brought, for the dashboard.
CREATE INDEX shop_orders_by_age ON shop_orders (created_at, status, total_minor);

-- Name and price as they were: an order tells the same after the product has changed or gone.
CREATE TABLE shop_order_lines (
    order_id    TEXT   NOT NULL REFERENCES shop_orders (id),
    product_id  TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    price_minor BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    PRIMARY KEY (order_id, product_id)
) WITHOUT ROWID;

CREATE TABLE shop_order_timeline (
    order_id TEXT   NOT NULL REFERENCES shop_orders (id),
    position BIGINT NOT NULL,
    status   TEXT   NOT NULL,
    actor    TEXT   NOT NULL,
    reason   TEXT   NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (order_id, position)
) WITHOUT ROWID;
