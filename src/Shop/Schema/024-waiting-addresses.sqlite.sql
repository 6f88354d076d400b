-- By which the products are counted that one address waits for.
CREATE INDEX shop_waiting_of_email ON shop_waiting (email) WHERE email IS NOT NULL;
