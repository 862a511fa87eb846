-- Devices prove themselves to each other by Ed25519 keys that their users register here.

CREATE TABLE public_keys (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    device_name TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    UNIQUE (user_id, public_key)
) STRICT;

-- They are people's, and backed up with them.
CREATE TRIGGER people_new_public_key AFTER INSERT ON public_keys BEGIN
    UPDATE people_version SET version = version + 1;
END;
CREATE TRIGGER people_removed_public_key AFTER DELETE ON public_keys BEGIN
    UPDATE people_version SET version = version + 1;
END;
