CREATE INDEX mail_letters_address ON mail_letters (lower(to_address));
