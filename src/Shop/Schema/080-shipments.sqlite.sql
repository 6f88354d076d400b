-- With whom an order goes to its buyer, and where its way can be followed.
ALTER TABLE shop_orders ADD COLUMN carrier TEXT NULL;
ALTER TABLE shop_orders ADD COLUMN tracking_number TEXT NULL;
ALTER TABLE shop_orders ADD COLUMN tracking_url TEXT NULL;

-- The link to a guest's order, for letters; only this shop can read it.
ALTER TABLE shop_orders ADD COLUMN sealed_token TEXT NULL;

-- What happened to an order without changing its status, such as pieces that came back; null where the status is what happened.
ALTER TABLE shop_order_timeline ADD COLUMN event TEXT NULL;

-- What payments brought, for the dashboard.
CREATE INDEX shop_payments_revenue ON shop_payments (created_at, captured_minor, refunding_minor) WHERE captured_minor > 0;
