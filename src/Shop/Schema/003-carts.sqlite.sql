-- A person's cart, or a guest's, who is known by the hash of a token. It ends when it is ordered.
CREATE TABLE shop_carts (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NULL UNIQUE,
    token_hash TEXT   NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK ((user_id IS NULL) <> (token_hash IS NULL))
);

CREATE INDEX shop_carts_of_guests_age ON shop_carts (updated_at) WHERE token_hash IS NOT NULL;

-- The price is the one that the buyer saw when the product came into the cart.
CREATE TABLE shop_cart_lines (
    cart_id     TEXT   NOT NULL REFERENCES shop_carts (id) ON DELETE CASCADE,
    product_id  TEXT   NOT NULL REFERENCES shop_products (id),
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    price_minor BIGINT NOT NULL,
    added_at    BIGINT NOT NULL,
    PRIMARY KEY (cart_id, product_id)
) WITHOUT ROWID;
