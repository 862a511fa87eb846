import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func receipts(
        for keys: [ReceiptKey], notBefore oldest: Timestamp
    ) async throws(StoreError) -> [ReceiptKey: Receipt] {
        try await read { connection throws(StoreError) in
            var found: [ReceiptKey: Receipt] = [:]
            for key in keys {
                found[key] = try connection.first(
                    "SELECT at, answer FROM receipts WHERE room_id = ? AND credential = ? AND key = ? AND at >= ?",
                    key.room, key.credential, key.key, oldest
                ) { row in Receipt(key: key, at: row.moment(0), answer: row.bytes(1)) }
            }
            return found
        }
    }

    package func forgetReceipts(before moment: Timestamp) async throws(StoreError) {
        let step = 1_000
        while try await write({ connection throws(StoreError) in
            try connection.execute(
                "DELETE FROM receipts WHERE rowid IN (SELECT rowid FROM receipts WHERE at < ? ORDER BY at LIMIT ?)",
                moment, step)
        }) == step {}
    }

    static func keep(_ receipt: Receipt, on connection: SQLiteConnection) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO receipts (room_id, credential, key, at, answer) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (room_id, credential, key) DO UPDATE SET at = excluded.at, answer = excluded.answer
            """,
            receipt.key.room, receipt.key.credential, receipt.key.key, receipt.at, receipt.answer)
    }
}
