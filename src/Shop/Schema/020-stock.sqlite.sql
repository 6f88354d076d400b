-- How many people wait for a product, each of whom has the next free piece coming; and how many pieces are few.
ALTER TABLE shop_stock ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0 CHECK (waiting >= 0);
ALTER TABLE shop_stock ADD COLUMN low_at BIGINT NULL CHECK (low_at >= 0);

CREATE INDEX shop_stock_wanted ON shop_stock (product_id) WHERE waiting > 0;

-- A hold is made longer once, when the checkout begins. The network is kept while pieces are counted by it.
ALTER TABLE shop_holds ADD COLUMN is_extended BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE shop_holds ADD COLUMN network TEXT NULL;

CREATE INDEX shop_holds_of_network ON shop_holds (network, expires_at, quantity) WHERE network IS NOT NULL;

-- With what it adds up, so that sums are read from the index alone.
DROP INDEX shop_ledger_of_product;
CREATE INDEX shop_ledger_of_product ON shop_ledger (product_id, at, id, on_hand_delta, reserved_delta);
