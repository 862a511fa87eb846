-- The record: users, rooms and every room's changes.
-- Moments are microseconds since 1970 in UTC; hashes are SHA-256 as lowercase hex.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

-- Users are named without a foreign key: a room restored from a backup may be older than the users at hand.
CREATE TABLE rooms (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    epoch TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0 CHECK (revision >= 0),
    floor INTEGER NOT NULL DEFAULT 0 CHECK (floor BETWEEN 0 AND revision),
    -- When the floor's own change was made, which is no longer kept.
    floor_at INTEGER
) STRICT;
CREATE INDEX rooms_by_name ON rooms (name, created_at, id);

CREATE TABLE members (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'viewer')),
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id, joined_at, room_id);

CREATE TABLE worker_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    worker TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX worker_tokens_by_room ON worker_tokens (room_id);
CREATE INDEX worker_tokens_by_creator ON worker_tokens (created_by, created_at, hash);

CREATE TABLE account_keys (
    hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX account_keys_by_user ON account_keys (user_id, created_at, hash);

-- A moment is found by bisecting the revisions: an index more would cost every append a page.
CREATE TABLE changes (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL CHECK (revision > 0),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    model_id TEXT NOT NULL,
    other_model_id TEXT,
    alias TEXT,
    body BLOB NOT NULL,
    PRIMARY KEY (room_id, revision)
) STRICT;
CREATE INDEX changes_by_model ON changes (room_id, model_id, revision);
CREATE INDEX changes_by_other_model ON changes (room_id, other_model_id, revision) WHERE other_model_id IS NOT NULL;
CREATE INDEX changes_by_alias ON changes (room_id, alias, revision) WHERE alias IS NOT NULL;

CREATE TABLE snapshots (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    epoch TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 0),
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (room_id, epoch, revision)
) STRICT;

CREATE TABLE receipts (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    credential TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    answer BLOB NOT NULL,
    PRIMARY KEY (room_id, credential, key)
) STRICT;
CREATE INDEX receipts_by_moment ON receipts (at);

CREATE TABLE worker_sightings (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    worker TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room_id, worker)
) STRICT, WITHOUT ROWID;
