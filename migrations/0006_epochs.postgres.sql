-- When each room's epoch began, by this database's clock: objects that the room names no longer since then are kept for
-- a grace time. Rooms at hand begin now, since nobody knows.

ALTER TABLE rooms ADD COLUMN epoch_at bigint NOT NULL DEFAULT 0;
UPDATE rooms SET epoch_at = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

CREATE FUNCTION note_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.epoch_at := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER epoch_of_room BEFORE INSERT OR UPDATE OF epoch ON rooms
    FOR EACH ROW EXECUTE FUNCTION note_epoch();
