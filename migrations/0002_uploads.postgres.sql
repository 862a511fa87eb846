-- Uploads of model files under way: what a peer that comes back, on whatever server, goes on with.
-- Moments are microseconds since 1970 in UTC; digests are SHA-256 as lowercase hex.

CREATE TABLE uploads (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    room_id TEXT COLLATE "C" NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    model_id TEXT COLLATE "C" NOT NULL,
    started_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (room_id, model_id)
);
CREATE INDEX uploads_by_expiry ON uploads (expires_at, id);

CREATE TABLE upload_files (
    upload_id TEXT COLLATE "C" NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    path TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    sha256 TEXT COLLATE "C" NOT NULL,
    blob_key TEXT COLLATE "C" NOT NULL,
    -- The store's upload in parts, once it was begun.
    parts_id TEXT COLLATE "C",
    PRIMARY KEY (upload_id, path)
);
