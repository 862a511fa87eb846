-- Who may do what: roles, policies, groups of issuers, and invitations. A `member` of before is a publisher.

CREATE TABLE members_by_role (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'maintainer', 'publisher', 'worker', 'viewer')),
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO members_by_role (room_id, user_id, role, joined_at)
SELECT room_id, user_id, iif(role = 'member', 'publisher', role), joined_at FROM members;
-- Its triggers go with it.
DROP TABLE members;
ALTER TABLE members_by_role RENAME TO members;
CREATE INDEX members_by_user ON members (user_id, joined_at, room_id);

-- The policy is JSON, NULL as long as nobody changed it. The version rises with whatever changes somebody's right.
CREATE TABLE room_access (
    room_id TEXT NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    version INTEGER NOT NULL DEFAULT 1,
    policy TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO room_access (room_id) SELECT id FROM rooms;
CREATE TRIGGER access_of_new_room AFTER INSERT ON rooms BEGIN
    INSERT INTO room_access (room_id) VALUES (NEW.id) ON CONFLICT (room_id) DO NOTHING;
END;

CREATE TABLE room_groups (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    group_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'maintainer', 'publisher', 'worker', 'viewer')),
    PRIMARY KEY (room_id, group_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_groups_by_name ON room_groups (group_name, room_id);

CREATE TABLE user_groups (
    user_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, group_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_groups_by_name ON user_groups (group_name, user_id);
CREATE INDEX user_groups_by_moment ON user_groups (told_at);

-- Every reason why somebody is in a room.
CREATE VIEW standings (room_id, user_id, role, since, group_name) AS
SELECT room_id, user_id, role, joined_at, NULL FROM members
UNION ALL
SELECT g.room_id, u.user_id, g.role, u.told_at, g.group_name
FROM room_groups AS g JOIN user_groups AS u ON u.group_name = g.group_name;

CREATE TABLE invitations (
    code TEXT NOT NULL PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('maintainer', 'publisher', 'worker', 'viewer')),
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses INTEGER CHECK (uses > 0),
    used INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX invitations_by_room ON invitations (room_id);
CREATE INDEX invitations_by_end ON invitations (expires_at);

-- Invitations made up to this moment do not bring somebody back.
CREATE TABLE removals (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER access_of_new_member AFTER INSERT ON members BEGIN
    UPDATE room_access SET version = version + 1 WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER access_of_changed_member AFTER UPDATE ON members BEGIN
    UPDATE room_access SET version = version + 1 WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER access_of_removed_member AFTER DELETE ON members BEGIN
    UPDATE room_access SET version = version + 1 WHERE room_id = OLD.room_id;
END;
CREATE TRIGGER access_of_new_group AFTER INSERT ON room_groups BEGIN
    UPDATE room_access SET version = version + 1 WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER access_of_removed_group AFTER DELETE ON room_groups BEGIN
    UPDATE room_access SET version = version + 1 WHERE room_id = OLD.room_id;
END;
CREATE TRIGGER access_of_told_group AFTER INSERT ON user_groups BEGIN
    UPDATE room_access SET version = version + 1
    WHERE room_id IN (SELECT room_id FROM room_groups WHERE group_name = NEW.group_name);
END;
CREATE TRIGGER access_of_left_group AFTER DELETE ON user_groups BEGIN
    UPDATE room_access SET version = version + 1
    WHERE room_id IN (SELECT room_id FROM room_groups WHERE group_name = OLD.group_name);
END;

-- A room's dossier is also its policy and its groups.
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
CREATE TRIGGER backup_of_policy AFTER UPDATE OF policy ON room_access BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER backup_of_new_group AFTER INSERT ON room_groups BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = NEW.room_id;
END;
CREATE TRIGGER backup_of_removed_group AFTER DELETE ON room_groups BEGIN
    UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000) WHERE room_id = OLD.room_id;
END;
UPDATE room_backups SET dossier = dossier + 1, dossier_at = iif(dossier <> kept_dossier, dossier_at,
    CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000);
