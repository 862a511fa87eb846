-- What looking after model files needs: verifications under way, who checks the store, and rooms that are no more.

-- All of the upload is said to be in the store, and somebody verifies it until this moment; NULL: nobody has to.
ALTER TABLE uploads ADD COLUMN verifying_until INTEGER;
CREATE INDEX uploads_verifying ON uploads (verifying_until, id) WHERE verifying_until IS NOT NULL;
CREATE INDEX upload_files_by_parts ON upload_files (parts_id) WHERE parts_id IS NOT NULL;

-- Duties that one server at a time has.
CREATE TABLE upkeep_duties (
    name TEXT NOT NULL PRIMARY KEY,
    server_id TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A deleted room is remembered until its files are collected: of a room that is in no table nothing is known, and its
-- files stay, since the record may only not be restored yet.
CREATE TABLE deleted_rooms (
    room_id TEXT NOT NULL PRIMARY KEY,
    deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER files_of_deleted_room AFTER DELETE ON rooms BEGIN
    INSERT INTO deleted_rooms (room_id, deleted_at)
    VALUES (OLD.id, CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
    ON CONFLICT (room_id) DO UPDATE SET deleted_at = excluded.deleted_at;
END;
CREATE TRIGGER files_of_new_room AFTER INSERT ON rooms BEGIN
    DELETE FROM deleted_rooms WHERE room_id = NEW.id;
END;
