-- Who pays online does so within a time; the pieces stay in the warehouse until the money is authorised. Letters go out in the
-- language in which the order was placed.
ALTER TABLE shop_orders ADD COLUMN pay_by BIGINT NULL;
ALTER TABLE shop_orders ADD COLUMN stock_taken BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE shop_orders ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

CREATE INDEX shop_orders_unpaid ON shop_orders (pay_by) WHERE status = 'pending' AND pay_by IS NOT NULL;

-- One attempt to pay an order: a provider's checkout, or the money that came for an invoice. `refunding_minor` is what was promised
-- back, `refunded_minor` what of it has been paid.
CREATE TABLE shop_payments (
    id              TEXT   NOT NULL PRIMARY KEY,
    order_id        TEXT   NOT NULL REFERENCES shop_orders (id),
    provider        TEXT   NOT NULL,
    state           TEXT   NOT NULL CHECK (state IN ('new', 'open', 'capturing', 'captured', 'releasing', 'closed')),
    amount_minor    BIGINT NOT NULL CHECK (amount_minor >= 0),
    currency        TEXT   NOT NULL,
    reference       TEXT   NULL,
    intent          TEXT   NULL,
    url             TEXT   NULL,
    captured_minor  BIGINT NOT NULL DEFAULT 0 CHECK (captured_minor >= 0),
    refunding_minor BIGINT NOT NULL DEFAULT 0,
    refunded_minor  BIGINT NOT NULL DEFAULT 0,
    last_error      TEXT   NULL,
    due_at          BIGINT NULL,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    CHECK (refunding_minor BETWEEN 0 AND captured_minor),
    CHECK (refunded_minor BETWEEN 0 AND refunding_minor)
);

-- However many tabs and nodes there are, one attempt at a time can take money for an order.
CREATE UNIQUE INDEX shop_payments_live ON shop_payments (order_id) WHERE state IN ('new', 'open', 'capturing', 'captured');
CREATE UNIQUE INDEX shop_payments_of_reference ON shop_payments (provider, reference) WHERE reference IS NOT NULL;
CREATE INDEX shop_payments_of_intent ON shop_payments (provider, intent) WHERE intent IS NOT NULL;
CREATE INDEX shop_payments_of_order ON shop_payments (order_id, created_at);
CREATE INDEX shop_payments_due ON shop_payments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX shop_payments_by_age ON shop_payments (created_at, id);

-- A refund is promised once for each request that asks for it. `manual` waits for a person who transfers the money.
CREATE TABLE shop_refunds (
    id           TEXT   NOT NULL PRIMARY KEY,
    payment_id   TEXT   NOT NULL REFERENCES shop_payments (id),
    order_id     TEXT   NOT NULL REFERENCES shop_orders (id),
    request_key  TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency     TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('pending', 'manual', 'succeeded')),
    reason       TEXT   NULL,
    actor        TEXT   NOT NULL,
    reference    TEXT   NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    refusals     BIGINT NOT NULL DEFAULT 0,
    last_error   TEXT   NULL,
    created_at   BIGINT NOT NULL,
    done_at      BIGINT NULL,
    UNIQUE (payment_id, request_key)
);

CREATE INDEX shop_refunds_of_order ON shop_refunds (order_id, created_at);

-- Every movement of money, for ever. The sums of its amounts are the row in shop_payments.
CREATE TABLE shop_payment_ledger (
    id           BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id   TEXT    NOT NULL REFERENCES shop_payments (id),
    order_id     TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('authorised', 'released', 'captured', 'refunded', 'bounced')),
    amount_minor BIGINT  NOT NULL CHECK (amount_minor >= 0),
    currency     TEXT    NOT NULL,
    refund_id    TEXT    NULL,
    actor        TEXT    NOT NULL,
    at           BIGINT  NOT NULL
);

CREATE INDEX shop_payment_ledger_of_payment ON shop_payment_ledger (payment_id, id);

CREATE FUNCTION shop_payment_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'shop_payment_ledger is append-only';
END $$;

CREATE TRIGGER shop_payment_ledger_is_not_changed BEFORE UPDATE OR DELETE ON shop_payment_ledger
FOR EACH ROW EXECUTE FUNCTION shop_payment_ledger_refuse();

CREATE TRIGGER shop_payment_ledger_is_not_emptied BEFORE TRUNCATE ON shop_payment_ledger
FOR EACH STATEMENT EXECUTE FUNCTION shop_payment_ledger_refuse();

-- What providers told us, each once. The body is not kept: it names the buyer, and the provider is asked for the state anyway.
CREATE TABLE shop_payment_events (
    provider    TEXT   NOT NULL,
    event_id    TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    payment_id  TEXT   NULL,
    created_at  BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (provider, event_id)
);

CREATE INDEX shop_payment_events_age ON shop_payment_events (received_at);

-- The mark goes with each payment to its provider, so that those of other systems on the same account are told apart.
CREATE TABLE shop_payment_providers (
    name          TEXT   NOT NULL PRIMARY KEY,
    mark          TEXT   NOT NULL,
    reconciled_at BIGINT NOT NULL
);

-- Money about which the provider and this shop disagree, or that waits for a person.
CREATE TABLE shop_disagreements (
    id           TEXT   NOT NULL PRIMARY KEY,
    provider     TEXT   NOT NULL,
    cause        TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    payment_id   TEXT   NULL,
    order_id     TEXT   NULL,
    ours_minor   BIGINT NULL,
    theirs_minor BIGINT NULL,
    currency     TEXT   NOT NULL,
    detail       TEXT   NULL,
    found_at     BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    resolved_at  BIGINT NULL,
    resolved_by  TEXT   NULL,
    UNIQUE (provider, cause, subject)
);

CREATE INDEX shop_disagreements_open ON shop_disagreements (found_at, id) WHERE resolved_at IS NULL;

-- Orders that were marked as paid, or paid back, before money had a ledger.
INSERT INTO shop_payments (
    id, order_id, provider, state, amount_minor, currency, captured_minor, refunding_minor, refunded_minor, created_at, changed_at)
SELECT
    id, id, payment_method, 'captured', total_minor, currency, total_minor,
    CASE WHEN status = 'refunded' THEN total_minor ELSE 0 END,
    CASE WHEN status = 'refunded' THEN total_minor ELSE 0 END,
    created_at, updated_at
FROM shop_orders
WHERE status IN ('paid', 'shipped', 'delivered', 'refunded');

INSERT INTO shop_refunds (
    id, payment_id, order_id, request_key, amount_minor, currency, state, actor, created_at, done_at)
SELECT id, id, id, 'order', total_minor, currency, 'succeeded', 'system', updated_at, updated_at
FROM shop_orders
WHERE status = 'refunded' AND total_minor > 0;

INSERT INTO shop_payment_ledger (payment_id, order_id, kind, amount_minor, currency, actor, at)
SELECT id, id, 'captured', total_minor, currency, 'system', updated_at
FROM shop_orders
WHERE status IN ('paid', 'shipped', 'delivered', 'refunded');

INSERT INTO shop_payment_ledger (payment_id, order_id, kind, amount_minor, currency, refund_id, actor, at)
SELECT id, id, 'refunded', total_minor, currency, id, 'system', updated_at
FROM shop_orders
WHERE status = 'refunded' AND total_minor > 0;
