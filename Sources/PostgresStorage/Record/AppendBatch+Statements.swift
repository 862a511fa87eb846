import RoomCore
import RoomStorage

extension AppendBatch {
    /// One statement for the whole batch.
    ///
    /// The rooms' rows are locked in the order of their ids, so that two servers never wait for each other in a ring;
    /// what is read under the lock is the newest state, and decides. Only chains that follow it write anything.
    ///
    /// Answers a row for each room that is there: id, epoch, revision and floor before the batch, whether it moved,
    /// whether it was left out (or deleted this moment), and whether its access is another than was decided under.
    ///
    /// - Parameter skipping: whether rooms that are locked are left out.
    func statement(skipping: Bool) -> PostgresStatement {
        let changes = chains.flatMap { chain in
            chain.appends.flatMap { $0.request.changes.map { (room: chain.room, change: $0) } }
        }
        let receipts = newestReceipts
        return PostgresStatement(
            Self.sql(locking: skipping ? "FOR NO KEY UPDATE SKIP LOCKED" : "FOR NO KEY UPDATE"),
            PostgresColumn(chains.map(\.room)), PostgresColumn(chains.map(\.epoch)),
            PostgresColumn(chains.map(\.base)), PostgresColumn(chains.map(\.target)), id,
            PostgresColumn(changes.map(\.room)), PostgresColumn(changes.map(\.change.revision)),
            PostgresColumn(changes.map(\.change.at)), PostgresColumn(changes.map(\.change.kind)),
            PostgresColumn(changes.map(\.change.model)), PostgresColumn(changes.map(\.change.otherModel)),
            PostgresColumn(changes.map(\.change.alias)), PostgresColumn(changes.map(\.change.body)),
            PostgresColumn(receipts.map(\.key.room)), PostgresColumn(receipts.map(\.key.credential)),
            PostgresColumn(receipts.map(\.key.key)), PostgresColumn(receipts.map(\.at)),
            PostgresColumn(receipts.map(\.answer)), PostgresColumn(chains.map(\.access)))
    }

    /// The last receipt of each key: one statement may not write a row twice.
    private var newestReceipts: [Receipt] {
        var seen = Set<[UInt8]>()
        let all = chains.flatMap { $0.appends.flatMap(\.request.receipts) }
        return all.reversed().filter { receipt in
            let key = receipt.key
            return seen.insert(Array("\(key.room)\0\(key.credential)\0\(key.key)".utf8)).inserted
        }
    }

    private static func sql(locking: String) -> String {
        """
        WITH asked AS MATERIALIZED (
            SELECT a.*, a.access <> r.version AS is_outdated
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $19::bigint[])
                AS a (room_id, epoch, base, target, access)
            LEFT JOIN room_access AS r ON r.room_id = a.room_id COLLATE "C"
        ), found AS MATERIALIZED (
            SELECT id, epoch, revision, floor FROM rooms WHERE id = ANY ($1::text[]) ORDER BY id \(locking)
        ), moved AS (
            UPDATE rooms AS r SET revision = a.target, append_id = $5
            FROM asked AS a JOIN found AS f
                ON f.id = a.room_id COLLATE "C" AND f.epoch = a.epoch COLLATE "C" AND f.revision = a.base
                    AND a.is_outdated IS NOT TRUE
            WHERE r.id = f.id
            RETURNING r.id
        ), written AS (
            INSERT INTO changes (room_id, revision, at, append_id, kind, model_id, other_model_id, alias, body)
            SELECT m.id, c.revision, c.at, $5, c.kind, c.model_id, c.other_model_id, c.alias, c.body
            FROM unnest($6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[],
                $13::bytea[]) AS c (room_id, revision, at, kind, model_id, other_model_id, alias, body)
            JOIN moved AS m ON m.id = c.room_id COLLATE "C"
        ), kept AS (
            INSERT INTO receipts (room_id, credential, key, at, append_id, answer)
            SELECT m.id, k.credential, k.key, k.at, $5, k.answer
            FROM unnest($14::text[], $15::text[], $16::text[], $17::bigint[], $18::bytea[])
                AS k (room_id, credential, key, at, answer)
            JOIN moved AS m ON m.id = k.room_id COLLATE "C"
            ON CONFLICT (room_id, credential, key)
            DO UPDATE SET at = excluded.at, append_id = excluded.append_id, answer = excluded.answer
        )
        SELECT r.id, f.epoch, f.revision, f.floor, m.id IS NOT NULL, f.id IS NULL, a.is_outdated IS TRUE
        FROM rooms AS r LEFT JOIN found AS f ON f.id = r.id LEFT JOIN moved AS m ON m.id = r.id
            LEFT JOIN asked AS a ON a.room_id COLLATE "C" = r.id
        WHERE r.id = ANY ($1::text[])
        """
    }

    /// What the record knows of a batch whose answer was lost.
    ///
    /// The session's lock is held by the server's end of the lost connection for as long as that lives, so behind it
    /// the batch is either committed or never will be. An end that lies idle has nothing under way and is sent off.
    /// (`pg_advisory_xact_lock`: PostgreSQL's documentation, 9.27.10.)
    func questions(session: Int64) -> [PostgresStatement] {
        [
            PostgresStatement("SELECT set_config('statement_timeout', '2000', true)"),
            PostgresStatement(
                """
                SELECT pg_terminate_backend(a.pid) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
                WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND a.state = 'idle'
                    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND l.classid::bigint = $1 >> 32 AND l.objid::bigint = $1 & 4294967295
                """, session),
            PostgresStatement("SELECT pg_advisory_xact_lock($1)", session),
            PostgresStatement(
                """
                SELECT r.id, r.epoch, r.revision, r.floor,
                    coalesce(r.append_id = $3, false)
                    OR EXISTS (SELECT FROM changes AS c
                        WHERE c.room_id = r.id AND c.revision = a.target AND c.append_id = $3)
                    OR EXISTS (SELECT FROM receipts AS k WHERE k.room_id = r.id AND k.append_id = $3),
                    false, false
                FROM unnest($1::text[], $2::bigint[]) AS a (room_id, target)
                JOIN rooms AS r ON r.id = a.room_id COLLATE "C"
                """, PostgresColumn(chains.map(\.room)), PostgresColumn(chains.map(\.target)), id),
        ]
    }
}

/// What the record said about the room of a chain.
struct ChainVerdict: Sendable {
    let room: RoomID
    /// Before the batch where it was answered, after it where it was looked up.
    let head: RoomHead
    let isCommitted: Bool
    /// Another transaction is at the room, and nothing is known but that.
    let isBusy: Bool
    /// Somebody's right there changed since it was decided on.
    let isOutdated: Bool

    init(_ row: PostgresRow) {
        room = row.name(0)
        head = RoomHead(epoch: row.name(1), revision: row.revision(2), floor: row.revision(3))
        isCommitted = row.flag(4)
        isBusy = row.flag(5)
        isOutdated = row.flag(6)
    }
}
