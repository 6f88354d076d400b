-- The catalogue as phones keep it. It is the same for everybody, and a change is one row, however many phones there are.
CREATE TABLE shop_phone_products (
    id TEXT COLLATE "C" NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    lowest_minor BIGINT,
    currency TEXT NOT NULL,
    image_url TEXT,
    rating_tenths BIGINT NOT NULL,
    review_count BIGINT NOT NULL,
    in_stock BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (id)
);

CREATE INDEX shop_phone_products_version ON shop_phone_products (version);

-- A person's orders, likewise. Guests have none here.
CREATE TABLE shop_phone_orders (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    number TEXT NOT NULL,
    status TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX shop_phone_orders_version ON shop_phone_orders (user_id, version);
CREATE INDEX shop_phone_orders_deleted ON shop_phone_orders (version) WHERE is_deleted = true;

CREATE TABLE shop_phone_order_items (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    order_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    price_minor BIGINT NOT NULL,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX shop_phone_order_items_version ON shop_phone_order_items (user_id, version);
CREATE INDEX shop_phone_order_items_order ON shop_phone_order_items (user_id, order_id);
CREATE INDEX shop_phone_order_items_deleted ON shop_phone_order_items (version) WHERE is_deleted = true;

CREATE FUNCTION shop_phone_versioned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a write needs a newly drawn version, and keeps its key', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER shop_phone_products_versioned BEFORE UPDATE ON shop_phone_products
FOR EACH ROW WHEN (NEW.version <= OLD.version OR NEW.id <> OLD.id)
EXECUTE FUNCTION shop_phone_versioned();

CREATE TRIGGER shop_phone_orders_versioned BEFORE UPDATE ON shop_phone_orders
FOR EACH ROW WHEN (NEW.version <= OLD.version OR NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id)
EXECUTE FUNCTION shop_phone_versioned();

CREATE TRIGGER shop_phone_order_items_versioned BEFORE UPDATE ON shop_phone_order_items
FOR EACH ROW WHEN (NEW.version <= OLD.version OR NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id)
EXECUTE FUNCTION shop_phone_versioned();
