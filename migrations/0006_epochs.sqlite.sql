-- When each room's epoch began, by this database's clock: objects that the room names no longer since then are kept for
-- a grace time. Rooms at hand begin now, since nobody knows.

ALTER TABLE rooms ADD COLUMN epoch_at INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET epoch_at = CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000;

CREATE TRIGGER epoch_of_new_room AFTER INSERT ON rooms BEGIN
    UPDATE rooms SET epoch_at = CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000
    WHERE id = NEW.id;
END;
CREATE TRIGGER epoch_of_restarted_room AFTER UPDATE OF epoch ON rooms BEGIN
    UPDATE rooms SET epoch_at = CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000
    WHERE id = NEW.id;
END;
