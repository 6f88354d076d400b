-- Projects and tasks, as phones and pages share them. A row keeps its key for ever and gets a newly drawn version with every write; a
-- deletion is a row too, so that phones hear of it. Ids tell upper and lower case apart and sort by their bytes.
CREATE TABLE planner_projects (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL CHECK (id ~ '^[A-Za-z0-9._-]{1,64}$'),
    name TEXT NOT NULL DEFAULT '',
    description TEXT,
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX planner_projects_version ON planner_projects (user_id, version);
CREATE INDEX planner_projects_deleted ON planner_projects (version) WHERE is_deleted = true;

-- A task's project may be unknown or deleted: the phone decides, so there is no foreign key.
CREATE TABLE planner_tasks (
    user_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL CHECK (id ~ '^[A-Za-z0-9._-]{1,64}$'),
    title TEXT NOT NULL DEFAULT '',
    description TEXT,
    is_completed BOOLEAN NOT NULL DEFAULT false,
    project_id TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL CHECK (version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX planner_tasks_version ON planner_tasks (user_id, version);
CREATE INDEX planner_tasks_project ON planner_tasks (user_id, project_id);
CREATE INDEX planner_tasks_deleted ON planner_tasks (version) WHERE is_deleted = true;

CREATE FUNCTION planner_versioned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a write needs a newly drawn version, and keeps its key', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER planner_projects_versioned BEFORE UPDATE ON planner_projects
FOR EACH ROW WHEN (NEW.version <= OLD.version OR NEW.user_id <> OLD.user_id OR NEW.id <> OLD.id)
EXECUTE FUNCTION planner_versioned();

CREATE TRIGGER planner_tasks_versioned BEFORE UPDATE ON planner_tasks
FOR EACH ROW WHEN (NEW.version <= OLD.version OR NEW.user_id <> OLD.user_id OR NEW.id <> OLD.id)
EXECUTE FUNCTION planner_versioned();
