-- How many passwords use each pepper, and how many were imported with which scheme, is counted from time to time.
CREATE INDEX accounts_users_pepper ON accounts_users (pepper_id);
