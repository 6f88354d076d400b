-- The last number that was given in each year: the row is the lock of its series, so that no number is left out.
CREATE TABLE shop_invoice_numbers (
    series TEXT   NOT NULL CHECK (series IN ('invoice', 'credit-note')),
    year   BIGINT NOT NULL,
    last   BIGINT NOT NULL CHECK (last > 0),
    PRIMARY KEY (series, year)
);

-- An invoice for each order, and a credit note for each of its refunds. Who bought is in the order alone; who sold is as it was then.
CREATE TABLE shop_invoices (
    series       TEXT   NOT NULL,
    year         BIGINT NOT NULL,
    number       BIGINT NOT NULL CHECK (number > 0),
    order_id     TEXT   NOT NULL REFERENCES shop_orders (id),
    refund_id    TEXT   NULL UNIQUE REFERENCES shop_refunds (id),
    amount_minor BIGINT NOT NULL,
    tax_minor    BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    seller       TEXT   NULL,
    issued_at    BIGINT NOT NULL,
    PRIMARY KEY (series, year, number),
    FOREIGN KEY (series, year) REFERENCES shop_invoice_numbers (series, year),
    CHECK ((series = 'credit-note') = (refund_id IS NOT NULL))
);

CREATE UNIQUE INDEX shop_invoices_of_order ON shop_invoices (order_id) WHERE series = 'invoice';
CREATE INDEX shop_invoices_by_order ON shop_invoices (order_id, issued_at);
