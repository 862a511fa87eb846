import RoomCore
import RoomStorage

extension PostgresRecord {
    package func note(_ sightings: [WorkerSighting]) async throws(StoreError) {
        guard !sightings.isEmpty else { return }
        // One statement may not write a row twice, and two servers write theirs in one order.
        try await write(
            PostgresStatement(
                """
                WITH seen AS MATERIALIZED (
                    SELECT room_id, worker COLLATE "C" AS worker, max(at) AS at
                    FROM unnest($1::text[], $2::text[], $3::bigint[]) AS a (room_id, worker, at)
                    GROUP BY room_id, worker COLLATE "C"
                ), there AS MATERIALIZED (
                    SELECT id FROM rooms WHERE id = ANY ($1::text[]) ORDER BY id FOR KEY SHARE
                )
                INSERT INTO worker_sightings (room_id, worker, at)
                SELECT t.id, s.worker, s.at FROM there AS t JOIN seen AS s ON s.room_id COLLATE "C" = t.id
                ORDER BY t.id, s.worker
                ON CONFLICT (room_id, worker) DO UPDATE SET at = excluded.at
                WHERE excluded.at > worker_sightings.at
                """, PostgresColumn(sightings.map(\.room)), PostgresColumn(sightings.map(\.worker)),
                PostgresColumn(sightings.map(\.at))))
    }

    package func sightings(in room: RoomID) async throws(StoreError) -> [WorkerSighting] {
        try await rows(
            PostgresStatement("SELECT worker, at FROM worker_sightings WHERE room_id = $1 ORDER BY worker", room)
        ) { row in WorkerSighting(room: room, worker: row.name(0), at: row.moment(1)) }
    }
}
