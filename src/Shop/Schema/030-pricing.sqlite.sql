-- Codes that make an order cheaper: by an amount or by a percentage.
CREATE TABLE shop_coupons (
    code              TEXT    NOT NULL PRIMARY KEY,
    amount_minor      BIGINT  NULL CHECK (amount_minor > 0),
    percent           BIGINT  NULL CHECK (percent BETWEEN 1 AND 100),
    minimum_minor     BIGINT  NOT NULL CHECK (minimum_minor >= 0),
    starts_at         BIGINT  NULL,
    ends_at           BIGINT  NULL,
    uses_max          BIGINT  NULL CHECK (uses_max > 0),
    uses_per_customer BIGINT  NULL CHECK (uses_per_customer > 0),
    is_active         BOOLEAN NOT NULL,
    used              BIGINT  NOT NULL CHECK (used >= 0),
    created_at        BIGINT  NOT NULL,
    CHECK ((amount_minor IS NULL) <> (percent IS NULL)),
    CHECK (ends_at > starts_at)
);

-- One order uses one code. Who used it is known by a hash only, which is enough to count.
CREATE TABLE shop_coupon_uses (
    order_id      TEXT   NOT NULL PRIMARY KEY,
    code          TEXT   NOT NULL REFERENCES shop_coupons (code),
    customer_hash TEXT   NOT NULL,
    at            BIGINT NOT NULL
);

CREATE INDEX shop_coupon_uses_of_customer ON shop_coupon_uses (code, customer_hash);

-- Of what a total is made. The tax is contained in it; its rate is in hundredths of a percent.
ALTER TABLE shop_orders ADD COLUMN goods_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shop_orders ADD COLUMN discount_minor BIGINT NOT NULL DEFAULT 0 CHECK (discount_minor >= 0);
ALTER TABLE shop_orders ADD COLUMN shipping_minor BIGINT NOT NULL DEFAULT 0 CHECK (shipping_minor >= 0);
ALTER TABLE shop_orders ADD COLUMN shipping_method TEXT NOT NULL DEFAULT 'standard';
ALTER TABLE shop_orders ADD COLUMN coupon TEXT NULL;
ALTER TABLE shop_orders ADD COLUMN tax_rate BIGINT NOT NULL DEFAULT 0 CHECK (tax_rate >= 0);
ALTER TABLE shop_orders ADD COLUMN tax_minor BIGINT NOT NULL DEFAULT 0 CHECK (tax_minor >= 0);

UPDATE shop_orders SET goods_minor = total_minor;
