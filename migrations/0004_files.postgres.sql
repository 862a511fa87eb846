-- What looking after model files needs: verifications under way, who checks the store, and rooms that are no more.

-- All of the upload is said to be in the store, and somebody verifies it until this moment; NULL: nobody has to.
ALTER TABLE uploads ADD COLUMN verifying_until bigint;
CREATE INDEX uploads_verifying ON uploads (verifying_until, id) WHERE verifying_until IS NOT NULL;
CREATE INDEX upload_files_by_parts ON upload_files (parts_id) WHERE parts_id IS NOT NULL;

-- Duties that one server at a time has.
CREATE TABLE upkeep_duties (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    server_id text COLLATE "C" NOT NULL,
    until bigint NOT NULL
);

-- A deleted room is remembered until its files are collected: of a room that is in no table nothing is known, and its
-- files stay, since the record may only not be restored yet.
CREATE TABLE deleted_rooms (
    room_id text COLLATE "C" NOT NULL PRIMARY KEY,
    deleted_at bigint NOT NULL
);

CREATE FUNCTION remember_deleted_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO deleted_rooms (room_id, deleted_at) VALUES (OLD.id, now_at)
        ON CONFLICT (room_id) DO UPDATE SET deleted_at = now_at;
    ELSE
        DELETE FROM deleted_rooms WHERE room_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER files_of_room AFTER INSERT OR DELETE ON rooms
    FOR EACH ROW EXECUTE FUNCTION remember_deleted_room();
