-- What was done to accounts, by whom. Rows are added and never changed, but for what names a person whose account is erased.
CREATE TABLE accounts_audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    -- A person's id, `system`, `command` or `stranger`.
    actor TEXT NOT NULL,
    -- From where, shortened; null when nobody asked from anywhere.
    network TEXT,
    action TEXT NOT NULL,
    -- Whose account; null when the deed concerns none.
    subject TEXT,
    -- A JSON object.
    details TEXT NOT NULL
);

CREATE INDEX accounts_audit_time ON accounts_audit (at, id);

CREATE INDEX accounts_audit_subject ON accounts_audit (subject, at, id);

CREATE INDEX accounts_audit_actor ON accounts_audit (actor, at, id);

CREATE INDEX accounts_audit_action ON accounts_audit (action, at, id);

CREATE FUNCTION accounts_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts_audit is append-only';
END $$;

CREATE TRIGGER accounts_audit_is_not_updated BEFORE UPDATE ON accounts_audit
FOR EACH ROW
WHEN (NEW.id IS DISTINCT FROM OLD.id OR NEW.at IS DISTINCT FROM OLD.at OR NEW.actor IS DISTINCT FROM OLD.actor
    OR NEW.action IS DISTINCT FROM OLD.action OR NEW.subject IS DISTINCT FROM OLD.subject OR NEW.network IS NOT NULL
    OR (NEW.details IS DISTINCT FROM OLD.details AND NEW.details <> '{}'))
EXECUTE FUNCTION accounts_audit_refuse();

CREATE TRIGGER accounts_audit_is_not_deleted BEFORE DELETE ON accounts_audit
FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse();

CREATE TRIGGER accounts_audit_is_not_emptied BEFORE TRUNCATE ON accounts_audit
FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_refuse();
