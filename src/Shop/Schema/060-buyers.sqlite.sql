-- The ledger and the timeline are kept for ever, so they say that a customer did something, and the order says which.
DROP TRIGGER shop_ledger_is_not_updated;

UPDATE shop_ledger SET actor = 'customer' WHERE actor LIKE 'user:%';

CREATE TRIGGER shop_ledger_is_not_updated BEFORE UPDATE ON shop_ledger
BEGIN
    SELECT RAISE(ABORT, 'shop_ledger is append-only');
END;

UPDATE shop_order_timeline SET actor = 'customer' WHERE actor LIKE 'user:%';

-- Of the token that a guest has in all carts and orders; the token_hash is of the link to one order.
ALTER TABLE shop_orders ADD COLUMN guest_hash TEXT;

-- The buyer is to be forgotten: when the order ends, and then at the latest.
ALTER TABLE shop_orders ADD COLUMN forget_at BIGINT;

CREATE INDEX shop_orders_of_guest ON shop_orders (lower(email), serial) WHERE user_id IS NULL AND email IS NOT NULL;
CREATE INDEX shop_orders_to_forget ON shop_orders (forget_at) WHERE forget_at IS NOT NULL;

-- By whom an erasure finds places in line.
CREATE INDEX shop_waiting_of_user ON shop_waiting (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX shop_waiting_of_address ON shop_waiting (lower(email)) WHERE email IS NOT NULL;
