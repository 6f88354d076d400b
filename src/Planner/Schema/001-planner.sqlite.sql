-- Projects and tasks, as phones and pages share them. A row keeps its key for ever and gets a newly drawn version with every write; a
-- deletion is a row too, so that phones hear of it.
CREATE TABLE planner_projects (
    user_id TEXT NOT NULL CHECK (typeof(user_id) = 'text'),
    id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64 AND id NOT GLOB '*[^A-Za-z0-9._-]*'),
    name TEXT NOT NULL DEFAULT '' CHECK (typeof(name) = 'text'),
    description TEXT CHECK (typeof(description) IN ('text', 'null')),
    created_at BIGINT NOT NULL DEFAULT 0 CHECK (typeof(created_at) = 'integer'),
    updated_at BIGINT NOT NULL DEFAULT 0 CHECK (typeof(updated_at) = 'integer'),
    version BIGINT NOT NULL CHECK (typeof(version) = 'integer' AND version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false CHECK (is_deleted IN (false, true)),
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;

CREATE INDEX planner_projects_version ON planner_projects (user_id, version);
CREATE INDEX planner_projects_deleted ON planner_projects (version) WHERE is_deleted = true;

CREATE TRIGGER planner_projects_versioned BEFORE UPDATE ON planner_projects
WHEN NEW.version <= OLD.version OR NEW.user_id <> OLD.user_id OR NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'planner_projects: a write needs a newly drawn version, and keeps its key');
END;

-- A task's project may be unknown or deleted: the phone decides, so there is no foreign key.
CREATE TABLE planner_tasks (
    user_id TEXT NOT NULL CHECK (typeof(user_id) = 'text'),
    id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64 AND id NOT GLOB '*[^A-Za-z0-9._-]*'),
    title TEXT NOT NULL DEFAULT '' CHECK (typeof(title) = 'text'),
    description TEXT CHECK (typeof(description) IN ('text', 'null')),
    is_completed BOOLEAN NOT NULL DEFAULT false CHECK (is_completed IN (false, true)),
    project_id TEXT NOT NULL DEFAULT '' CHECK (typeof(project_id) = 'text'),
    created_at BIGINT NOT NULL DEFAULT 0 CHECK (typeof(created_at) = 'integer'),
    updated_at BIGINT NOT NULL DEFAULT 0 CHECK (typeof(updated_at) = 'integer'),
    version BIGINT NOT NULL CHECK (typeof(version) = 'integer' AND version > 0 AND version < 9007199254740992),
    is_deleted BOOLEAN NOT NULL DEFAULT false CHECK (is_deleted IN (false, true)),
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;

CREATE INDEX planner_tasks_version ON planner_tasks (user_id, version);
CREATE INDEX planner_tasks_project ON planner_tasks (user_id, project_id);
CREATE INDEX planner_tasks_deleted ON planner_tasks (version) WHERE is_deleted = true;

CREATE TRIGGER planner_tasks_versioned BEFORE UPDATE ON planner_tasks
WHEN NEW.version <= OLD.version OR NEW.user_id <> OLD.user_id OR NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'planner_tasks: a write needs a newly drawn version, and keeps its key');
END;
