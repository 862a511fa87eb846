-- What of each room is backed up, and what is due.
-- Due is a room whose revision or dossier is not the one that was kept, or that was deleted: an append, which moves the
-- revision, writes nothing here. A room's dossier is its own row, its members and its tokens, and rises with an epoch.

CREATE TABLE installation_values (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- No foreign key: a deleted room is remembered until a backup has noted it.
CREATE TABLE room_backups (
    room_id TEXT NOT NULL PRIMARY KEY,
    dossier INTEGER NOT NULL DEFAULT 1,
    -- Since when the dossier waits, if it does.
    dossier_at INTEGER NOT NULL,
    deleted_at INTEGER,
    kept_epoch TEXT,
    kept_revision INTEGER NOT NULL DEFAULT 0,
    kept_dossier INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT,
    claimed_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO room_backups (room_id, dossier_at) SELECT id, created_at FROM rooms;

CREATE TRIGGER backup_of_new_room AFTER INSERT ON rooms BEGIN
    INSERT INTO room_backups (room_id, dossier_at)
    VALUES (NEW.id, CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
    ON CONFLICT (room_id) DO UPDATE SET dossier = dossier + 1, deleted_at = NULL, dossier_at = excluded.dossier_at;
END;
CREATE TRIGGER backup_of_changed_room AFTER UPDATE OF name, created_by, created_at, expires_at, epoch ON rooms BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.id;
END;
CREATE TRIGGER backup_of_deleted_room AFTER DELETE ON rooms BEGIN
    UPDATE room_backups SET deleted_at = CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000
    WHERE room_id = OLD.id;
END;

CREATE TRIGGER backup_of_new_member AFTER INSERT ON members BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER backup_of_changed_member AFTER UPDATE ON members BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER backup_of_removed_member AFTER DELETE ON members BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = OLD.room_id;
END;
CREATE TRIGGER backup_of_new_token AFTER INSERT ON worker_tokens BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER backup_of_changed_token AFTER UPDATE ON worker_tokens BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER backup_of_removed_token AFTER DELETE ON worker_tokens BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = OLD.room_id;
END;

-- One row: rises when a user or an account key changes.
CREATE TABLE people_version (version INTEGER NOT NULL) STRICT;
INSERT INTO people_version (version) VALUES (1);

CREATE TRIGGER people_new_user AFTER INSERT ON users BEGIN UPDATE people_version SET version = version + 1; END;
CREATE TRIGGER people_changed_user AFTER UPDATE ON users BEGIN UPDATE people_version SET version = version + 1; END;
CREATE TRIGGER people_removed_user AFTER DELETE ON users BEGIN UPDATE people_version SET version = version + 1; END;
CREATE TRIGGER people_new_key AFTER INSERT ON account_keys BEGIN UPDATE people_version SET version = version + 1; END;
CREATE TRIGGER people_changed_key AFTER UPDATE ON account_keys BEGIN UPDATE people_version SET version = version + 1; END;
CREATE TRIGGER people_removed_key AFTER DELETE ON account_keys BEGIN UPDATE people_version SET version = version + 1; END;
