-- The record: users, rooms and every room's changes.
-- Moments are microseconds since 1970 in UTC; hashes are SHA-256 as lowercase hex. Texts compare byte by byte.

CREATE TABLE users (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    username text COLLATE "C" NOT NULL UNIQUE,
    created_at bigint NOT NULL
);

-- Users are named without a foreign key: a room restored from a backup may be older than the users at hand.
-- Every append rewrites its room's row: the free space lets the new version stay on its page, without index writes.
CREATE TABLE rooms (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    epoch text COLLATE "C" NOT NULL,
    revision bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    floor bigint NOT NULL DEFAULT 0 CHECK (floor BETWEEN 0 AND revision),
    -- When the floor's own change was made, which is no longer kept.
    floor_at bigint,
    -- The last batch of appends that wrote here: tells whether one whose answer was lost was committed.
    append_id bigint
) WITH (fillfactor = 50);
CREATE INDEX rooms_by_name ON rooms (name, created_at, id);

CREATE TABLE members (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('owner', 'member', 'viewer')),
    joined_at bigint NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, joined_at, room_id);

CREATE TABLE worker_tokens (
    hash text COLLATE "C" NOT NULL PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    worker text COLLATE "C" NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);
CREATE INDEX worker_tokens_by_room ON worker_tokens (room_id);
CREATE INDEX worker_tokens_by_creator ON worker_tokens (created_by, created_at, hash);

CREATE TABLE account_keys (
    hash text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);
CREATE INDEX account_keys_by_user ON account_keys (user_id, created_at, hash);

-- A moment is found by bisecting the revisions: an index more would cost every append a page.
CREATE TABLE changes (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    revision bigint NOT NULL CHECK (revision > 0),
    at bigint NOT NULL,
    append_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    model_id text COLLATE "C" NOT NULL,
    other_model_id text COLLATE "C",
    alias text COLLATE "C",
    body bytea NOT NULL,
    PRIMARY KEY (room_id, revision)
);
CREATE INDEX changes_by_model ON changes (room_id, model_id, revision);
CREATE INDEX changes_by_other_model ON changes (room_id, other_model_id, revision) WHERE other_model_id IS NOT NULL;
CREATE INDEX changes_by_alias ON changes (room_id, alias, revision) WHERE alias IS NOT NULL;

CREATE TABLE snapshots (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    epoch text COLLATE "C" NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 0),
    at bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (room_id, epoch, revision)
);

CREATE TABLE receipts (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    credential text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    append_id bigint NOT NULL,
    answer bytea NOT NULL,
    PRIMARY KEY (room_id, credential, key)
);
CREATE INDEX receipts_by_moment ON receipts (at);

CREATE TABLE worker_sightings (
    room_id text COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    worker text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (room_id, worker)
) WITH (fillfactor = 80);
