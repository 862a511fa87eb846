-- What of each room is backed up, and what is due.
-- Due is a room whose revision or dossier is not the one that was kept, or that was deleted: an append, which moves the
-- revision, writes nothing here. A room's dossier is its own row, its members and its tokens, and rises with an epoch.

CREATE TABLE installation_values (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);

-- No foreign key: a deleted room is remembered until a backup has noted it.
CREATE TABLE room_backups (
    room_id text COLLATE "C" NOT NULL PRIMARY KEY,
    dossier bigint NOT NULL DEFAULT 1,
    -- Since when the dossier waits, if it does.
    dossier_at bigint NOT NULL,
    deleted_at bigint,
    kept_epoch text COLLATE "C",
    kept_revision bigint NOT NULL DEFAULT 0,
    kept_dossier bigint NOT NULL DEFAULT 0,
    claimed_by text COLLATE "C",
    claimed_until bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

INSERT INTO room_backups (room_id, dossier_at) SELECT id, created_at FROM rooms;

CREATE FUNCTION backup_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO room_backups AS b (room_id, dossier_at) VALUES (NEW.id, now_at)
        ON CONFLICT (room_id) DO UPDATE SET dossier = b.dossier + 1, deleted_at = NULL, dossier_at = now_at;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE room_backups SET deleted_at = now_at WHERE room_id = OLD.id;
    ELSE
        UPDATE room_backups SET dossier = dossier + 1,
            dossier_at = CASE WHEN dossier <> kept_dossier THEN dossier_at ELSE now_at END WHERE room_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER backup_of_room AFTER INSERT OR DELETE ON rooms FOR EACH ROW EXECUTE FUNCTION backup_room();
CREATE TRIGGER backup_of_changed_room AFTER UPDATE OF name, created_by, created_at, expires_at, epoch ON rooms
    FOR EACH ROW EXECUTE FUNCTION backup_room();

CREATE FUNCTION backup_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    room text := CASE WHEN TG_OP = 'DELETE' THEN OLD.room_id ELSE NEW.room_id END;
BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = CASE WHEN dossier <> kept_dossier THEN dossier_at
        ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END WHERE room_id = room;
    RETURN NULL;
END $$;
CREATE TRIGGER backup_of_member AFTER INSERT OR UPDATE OR DELETE ON members
    FOR EACH ROW EXECUTE FUNCTION backup_dossier();
CREATE TRIGGER backup_of_token AFTER INSERT OR UPDATE OR DELETE ON worker_tokens
    FOR EACH ROW EXECUTE FUNCTION backup_dossier();

-- One row: rises when a user or an account key changes.
CREATE TABLE people_version (version bigint NOT NULL);
INSERT INTO people_version (version) VALUES (1);

CREATE FUNCTION raise_people_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE people_version SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER people_users AFTER INSERT OR UPDATE OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION raise_people_version();
CREATE TRIGGER people_keys AFTER INSERT OR UPDATE OR DELETE ON account_keys
    FOR EACH ROW EXECUTE FUNCTION raise_people_version();
