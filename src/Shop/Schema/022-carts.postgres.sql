-- Since when others have yet to be told that a cart changed. A line may have fewer pieces than were wanted.
ALTER TABLE shop_carts ADD COLUMN changed_at BIGINT NULL;
ALTER TABLE shop_cart_lines ADD COLUMN wanted BIGINT NULL CHECK (wanted > quantity);
ALTER TABLE shop_cart_lines DROP CONSTRAINT shop_cart_lines_cart_id_fkey;
ALTER TABLE shop_cart_lines ADD CONSTRAINT shop_cart_lines_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES shop_carts (id);

CREATE INDEX shop_carts_changed ON shop_carts (changed_at) WHERE changed_at IS NOT NULL;
