import RoomCore
import RoomStorage

extension PostgresRecord {
    package func receipts(
        for keys: [ReceiptKey], notBefore oldest: Timestamp
    ) async throws(StoreError) -> [ReceiptKey: Receipt] {
        // A key with a NUL was never kept.
        let keys = keys.filter { !$0.credential.utf8.contains(0) && !$0.key.utf8.contains(0) }
        guard !keys.isEmpty else { return [:] }
        let statement = PostgresStatement(
            """
            SELECT a.place, r.at, r.answer
            FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS a (room_id, credential, key, place)
            JOIN receipts AS r ON r.room_id = a.room_id COLLATE "C" AND r.credential = a.credential COLLATE "C"
                AND r.key = a.key COLLATE "C"
            WHERE r.at >= $4
            """, PostgresColumn(keys.map(\.room)), PostgresColumn(keys.map(\.credential)),
            PostgresColumn(keys.map(\.key)), oldest)
        let found = try await rows(statement) { row in
            let key = keys[row.integer(0) - 1]
            return (key, Receipt(key: key, at: row.moment(1), answer: row.bytes(2)))
        }
        return Dictionary(found) { first, _ in first }
    }

    package func forgetReceipts(before moment: Timestamp) async throws(StoreError) {
        let step = 1_000
        // Rows another server is at are left to it.
        let statement = PostgresStatement(
            """
            DELETE FROM receipts WHERE (room_id, credential, key) IN (
                SELECT room_id, credential, key FROM receipts WHERE at < $1 ORDER BY at LIMIT $2
                FOR UPDATE SKIP LOCKED)
            """, moment, step)
        while try await write(statement) == step {}
    }
}
