-- How many pieces of a line came back, and how many of those could not be sold again.
ALTER TABLE shop_order_lines ADD COLUMN returned BIGINT NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND quantity);
ALTER TABLE shop_order_lines ADD COLUMN written_off BIGINT NOT NULL DEFAULT 0 CHECK (written_off BETWEEN 0 AND returned);

-- Pieces that came back at one time; each request makes one return.
CREATE TABLE shop_returns (
    id          TEXT   NOT NULL PRIMARY KEY,
    order_id    TEXT   NOT NULL REFERENCES shop_orders (id),
    request_key TEXT   NOT NULL,
    refund_id   TEXT   NULL REFERENCES shop_refunds (id),
    reason      TEXT   NULL,
    actor       TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (order_id, request_key)
) WITHOUT ROWID;

-- What was paid for the pieces is what a refund of them comes to, less or more as the admin decided.
CREATE TABLE shop_return_lines (
    return_id    TEXT    NOT NULL REFERENCES shop_returns (id),
    product_id   TEXT    NOT NULL,
    is_restocked BOOLEAN NOT NULL,
    quantity     BIGINT  NOT NULL CHECK (quantity > 0),
    amount_minor BIGINT  NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (return_id, product_id, is_restocked)
) WITHOUT ROWID;
