-- What is for sale. A deleted product stays, because orders and the ledger tell of it.
CREATE TABLE shop_products (
    id            TEXT    NOT NULL PRIMARY KEY,
    slug          TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    -- The name without capitals and accents, so that every database sorts it the same way.
    sort_name     TEXT COLLATE "C" NOT NULL DEFAULT '',
    description   TEXT    NOT NULL,
    category      TEXT    NOT NULL,
    price_minor   BIGINT  NOT NULL CHECK (price_minor >= 0),
    -- The lowest of the 30 days before the current price began; null when it is the first.
    lowest_minor  BIGINT  NULL CHECK (lowest_minor >= 0),
    currency      TEXT    NOT NULL,
    image         TEXT    NULL,
    rating_tenths BIGINT  NOT NULL DEFAULT 0 CHECK (rating_tenths BETWEEN 0 AND 50),
    review_count  BIGINT  NOT NULL DEFAULT 0 CHECK (review_count >= 0),
    is_deleted    BOOLEAN NOT NULL DEFAULT false,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL
);

-- One for each order of the list, with the id that makes the order total.
CREATE INDEX shop_products_by_name ON shop_products (sort_name, id) WHERE is_deleted = false;
CREATE INDEX shop_products_by_price ON shop_products (price_minor, id) WHERE is_deleted = false;
CREATE INDEX shop_products_by_rating ON shop_products (rating_tenths, id) WHERE is_deleted = false;
CREATE INDEX shop_products_by_age ON shop_products (created_at, id) WHERE is_deleted = false;
CREATE INDEX shop_products_by_category ON shop_products (category, sort_name, id) WHERE is_deleted = false;
CREATE INDEX shop_products_by_category_price ON shop_products (category, price_minor, id) WHERE is_deleted = false;

-- Every price that a product ever had; a reduction is shown beside the lowest of the 30 days before it.
CREATE TABLE shop_prices (
    product_id  TEXT   NOT NULL REFERENCES shop_products (id),
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
    valid_from  BIGINT NOT NULL,
    PRIMARY KEY (product_id, valid_from)
);
