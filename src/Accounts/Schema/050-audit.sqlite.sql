-- What was done to accounts, by whom. Rows are added and never changed, but for what names a person whose account is erased.
CREATE TABLE accounts_audit (
    id INTEGER PRIMARY KEY,
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

CREATE TRIGGER accounts_audit_is_not_updated BEFORE UPDATE ON accounts_audit
WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor OR NEW.action IS NOT OLD.action
    OR NEW.subject IS NOT OLD.subject OR NEW.network IS NOT NULL OR (NEW.details IS NOT OLD.details AND NEW.details <> '{}')
BEGIN
    SELECT RAISE(ABORT, 'accounts_audit is append-only');
END;

CREATE TRIGGER accounts_audit_is_not_deleted BEFORE DELETE ON accounts_audit
BEGIN
    SELECT RAISE(ABORT, 'accounts_audit is append-only');
END;
