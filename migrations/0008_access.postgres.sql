-- Who may do what: roles, policies, groups of issuers, and invitations. A `member` of before is a publisher.

ALTER TABLE members DROP CONSTRAINT members_role_check;
UPDATE members SET role = 'publisher' WHERE role = 'member';
ALTER TABLE members ADD CONSTRAINT members_role_check
    CHECK (role IN ('owner', 'maintainer', 'publisher', 'worker', 'viewer'));

-- The policy is JSON, NULL as long as nobody changed it. The version rises with whatever changes somebody's right.
-- Apart from the rooms, whose rows every append writes.
CREATE TABLE room_access (
    room_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    version bigint NOT NULL DEFAULT 1,
    policy text
) WITH (fillfactor = 70);
INSERT INTO room_access (room_id) SELECT id FROM rooms;

CREATE TABLE room_groups (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    group_name text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('owner', 'maintainer', 'publisher', 'worker', 'viewer')),
    PRIMARY KEY (room_id, group_name)
);
CREATE INDEX room_groups_by_name ON room_groups (group_name, room_id);

CREATE TABLE user_groups (
    user_id text COLLATE "C" NOT NULL,
    group_name text COLLATE "C" NOT NULL,
    told_at bigint NOT NULL,
    PRIMARY KEY (user_id, group_name)
);
CREATE INDEX user_groups_by_name ON user_groups (group_name, user_id);
CREATE INDEX user_groups_by_moment ON user_groups (told_at);

-- Every reason why somebody is in a room.
CREATE VIEW standings (room_id, user_id, role, since, group_name) AS
SELECT room_id, user_id, role, joined_at, NULL::text COLLATE "C" FROM members
UNION ALL
SELECT g.room_id, u.user_id, g.role, u.told_at, g.group_name
FROM room_groups AS g JOIN user_groups AS u ON u.group_name = g.group_name;

CREATE TABLE invitations (
    code text COLLATE "C" NOT NULL PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    role text COLLATE "C" NOT NULL CHECK (role IN ('maintainer', 'publisher', 'worker', 'viewer')),
    made_by text COLLATE "C" NOT NULL,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    uses bigint CHECK (uses > 0),
    used bigint NOT NULL DEFAULT 0
);
CREATE INDEX invitations_by_room ON invitations (room_id);
CREATE INDEX invitations_by_end ON invitations (expires_at);

-- Invitations made up to this moment do not bring somebody back.
CREATE TABLE removals (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (room_id, user_id)
);

CREATE FUNCTION open_room_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_access (room_id) VALUES (NEW.id) ON CONFLICT (room_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER access_of_new_room AFTER INSERT ON rooms FOR EACH ROW EXECUTE FUNCTION open_room_access();

CREATE FUNCTION raise_room_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE room_access SET version = version + 1
    WHERE room_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.room_id ELSE NEW.room_id END;
    RETURN NULL;
END $$;
CREATE TRIGGER access_of_member AFTER INSERT OR UPDATE OR DELETE ON members
    FOR EACH ROW EXECUTE FUNCTION raise_room_access();
CREATE TRIGGER access_of_group AFTER INSERT OR DELETE ON room_groups
    FOR EACH ROW EXECUTE FUNCTION raise_room_access();

-- The rooms' rows are locked in the order of their ids, so that two logins never wait for each other in a ring.
CREATE FUNCTION raise_access_of_group() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told text := CASE WHEN TG_OP = 'DELETE' THEN OLD.group_name ELSE NEW.group_name END;
BEGIN
    PERFORM FROM room_access WHERE room_id IN (SELECT room_id FROM room_groups WHERE group_name = told)
        ORDER BY room_id FOR NO KEY UPDATE;
    UPDATE room_access SET version = version + 1
    WHERE room_id IN (SELECT room_id FROM room_groups WHERE group_name = told);
    RETURN NULL;
END $$;
CREATE TRIGGER access_of_told_group AFTER INSERT OR DELETE ON user_groups
    FOR EACH ROW EXECUTE FUNCTION raise_access_of_group();

-- A room's dossier is also its policy and its groups.
CREATE TRIGGER backup_of_policy AFTER UPDATE OF policy ON room_access
    FOR EACH ROW EXECUTE FUNCTION backup_dossier();
CREATE TRIGGER backup_of_group AFTER INSERT OR DELETE ON room_groups
    FOR EACH ROW EXECUTE FUNCTION backup_dossier();
UPDATE room_backups SET dossier = dossier + 1, dossier_at = CASE WHEN dossier <> kept_dossier THEN dossier_at
    ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END;
