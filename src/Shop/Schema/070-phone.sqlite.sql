-- The catalogue as phones keep it. It is the same for everybody, and a change is one row, however many phones there are.
CREATE TABLE shop_phone_products (
    id TEXT NOT NULL CHECK (typeof(id) = 'text'),
    slug TEXT NOT NULL CHECK (typeof(slug) = 'text'),
    name TEXT NOT NULL CHECK (typeof(name) = 'text'),
    description TEXT NOT NULL CHECK (typeof(description) = 'text'),
    category TEXT NOT NULL CHECK (typeof(category) = 'text'),
    price_minor BIGINT NOT NULL CHECK (typeof(price_minor) = 'integer'),
    lowest_minor BIGINT CHECK (typeof(lowest_minor) IN ('integer', 'null')),
    currency TEXT NOT NULL CHECK (typeof(currency) = 'text'),
    image_url TEXT CHECK (typeof(image_url) IN ('text', 'null')),
    rating_tenths BIGINT NOT NULL CHECK (typeof(rating_tenths) = 'integer'),
    review_count BIGINT NOT NULL CHECK (typeof(review_count) = 'integer'),
    in_stock BOOLEAN NOT NULL CHECK (in_stock IN (false, true)),
    created_at BIGINT NOT NULL CHECK (typeof(created_at) = 'integer'),
    updated_at BIGINT NOT NULL CHECK (typeof(updated_at) = 'integer'),
    version BIGINT NOT NULL CHECK (typeof(version) = 'integer' AND version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false CHECK (is_deleted IN (false, true)),
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX shop_phone_products_version ON shop_phone_products (version);

-- A person's orders, likewise. Guests have none here.
CREATE TABLE shop_phone_orders (
    user_id TEXT NOT NULL CHECK (typeof(user_id) = 'text'),
    id TEXT NOT NULL CHECK (typeof(id) = 'text'),
    number TEXT NOT NULL CHECK (typeof(number) = 'text'),
    status TEXT NOT NULL CHECK (typeof(status) = 'text'),
    total_minor BIGINT NOT NULL CHECK (typeof(total_minor) = 'integer'),
    currency TEXT NOT NULL CHECK (typeof(currency) = 'text'),
    created_at BIGINT NOT NULL CHECK (typeof(created_at) = 'integer'),
    updated_at BIGINT NOT NULL CHECK (typeof(updated_at) = 'integer'),
    version BIGINT NOT NULL CHECK (typeof(version) = 'integer' AND version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false CHECK (is_deleted IN (false, true)),
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;

CREATE INDEX shop_phone_orders_version ON shop_phone_orders (user_id, version);
CREATE INDEX shop_phone_orders_deleted ON shop_phone_orders (version) WHERE is_deleted = true;

CREATE TABLE shop_phone_order_items (
    user_id TEXT NOT NULL CHECK (typeof(user_id) = 'text'),
    id TEXT NOT NULL CHECK (typeof(id) = 'text'),
    order_id TEXT NOT NULL CHECK (typeof(order_id) = 'text'),
    product_id TEXT NOT NULL CHECK (typeof(product_id) = 'text'),
    name TEXT NOT NULL CHECK (typeof(name) = 'text'),
    quantity BIGINT NOT NULL CHECK (typeof(quantity) = 'integer'),
    price_minor BIGINT NOT NULL CHECK (typeof(price_minor) = 'integer'),
    position BIGINT NOT NULL CHECK (typeof(position) = 'integer'),
    version BIGINT NOT NULL CHECK (typeof(version) = 'integer' AND version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false CHECK (is_deleted IN (false, true)),
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;

CREATE INDEX shop_phone_order_items_version ON shop_phone_order_items (user_id, version);
CREATE INDEX shop_phone_order_items_order ON shop_phone_order_items (user_id, order_id);
CREATE INDEX shop_phone_order_items_deleted ON shop_phone_order_items (version) WHERE is_deleted = true;

CREATE TRIGGER shop_phone_products_versioned BEFORE UPDATE ON shop_phone_products
WHEN NEW.version <= OLD.version OR NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'shop_phone_products: a write needs a newly drawn version, and keeps its key');
END;

CREATE TRIGGER shop_phone_orders_versioned BEFORE UPDATE ON shop_phone_orders
WHEN NEW.version <= OLD.version OR NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id
BEGIN
    SELECT RAISE(ABORT, 'shop_phone_orders: a write needs a newly drawn version, and keeps its key');
END;

CREATE TRIGGER shop_phone_order_items_versioned BEFORE UPDATE ON shop_phone_order_items
WHEN NEW.version <= OLD.version OR NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id
BEGIN
    SELECT RAISE(ABORT, 'shop_phone_order_items: a write needs a newly drawn version, and keeps its key');
END;
