-- Uploads of model files under way: what a peer that comes back, on whatever server, goes on with.
-- Moments are microseconds since 1970 in UTC; digests are SHA-256 as lowercase hex.

CREATE TABLE uploads (
    id TEXT NOT NULL PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    model_id TEXT NOT NULL,
    started_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (room_id, model_id)
) STRICT;
CREATE INDEX uploads_by_expiry ON uploads (expires_at, id);

CREATE TABLE upload_files (
    upload_id TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    sha256 TEXT NOT NULL,
    blob_key TEXT NOT NULL,
    -- The store's upload in parts, once it was begun.
    parts_id TEXT,
    PRIMARY KEY (upload_id, path)
) STRICT, WITHOUT ROWID;
