-- What phones did to a cart while they were offline, with what each was answered: a repeated one is answered again.
CREATE TABLE shop_cart_operations (
    owner        TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    request_hash TEXT   NOT NULL,
    answer       TEXT   NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (owner, id)
) WITHOUT ROWID;

CREATE INDEX shop_cart_operations_by_age ON shop_cart_operations (created_at);
