import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func note(_ sightings: [WorkerSighting]) async throws(StoreError) {
        guard !sightings.isEmpty else { return }
        try await write(bytes: 128 * sightings.count) { connection throws(StoreError) in
            for sighting in sightings { try Self.note(sighting, on: connection) }
        }
    }

    package func sightings(in room: RoomID) async throws(StoreError) -> [WorkerSighting] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                "SELECT worker, at FROM worker_sightings WHERE room_id = ? ORDER BY worker", room
            ) { row in WorkerSighting(room: room, worker: row.name(0), at: row.moment(1)) }
        }
    }

    private static func note(_ sighting: WorkerSighting, on connection: SQLiteConnection) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO worker_sightings (room_id, worker, at) SELECT id, ?2, ?3 FROM rooms WHERE id = ?1
            ON CONFLICT (room_id, worker) DO UPDATE SET at = excluded.at WHERE excluded.at > at
            """, sighting.room, sighting.worker, sighting.at)
    }
}
