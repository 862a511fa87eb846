-- Devices prove themselves to each other by Ed25519 keys that their users register here.

CREATE TABLE public_keys (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL,
    public_key text COLLATE "C" NOT NULL,
    device_name text COLLATE "C" NOT NULL,
    registered_at bigint NOT NULL,
    UNIQUE (user_id, public_key)
);

-- They are people's, and backed up with them.
CREATE TRIGGER people_public_keys AFTER INSERT OR DELETE ON public_keys
    FOR EACH ROW EXECUTE FUNCTION raise_people_version();
