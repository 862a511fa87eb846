-- Who verifies an upload: an attempt's own random name, so that one that was given up for gone ends nothing of another's.

ALTER TABLE uploads ADD COLUMN verifying_by text COLLATE "C";
