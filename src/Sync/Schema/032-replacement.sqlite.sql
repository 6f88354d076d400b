-- A device that last pulled below this version gets everything again, as a replacement of what it has.
ALTER TABLE sync_devices ADD COLUMN replace_below BIGINT NOT NULL DEFAULT 0;
