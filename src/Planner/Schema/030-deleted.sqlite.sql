-- What a person deleted, the last first.
CREATE INDEX planner_projects_gone ON planner_projects (user_id, version) WHERE is_deleted = true;
CREATE INDEX planner_tasks_gone ON planner_tasks (user_id, version) WHERE is_deleted = true;
