import RoomStorage
import StorageConformance
import Testing

extension PostgresTests {
    /// Every duty of the record's ports, kept by PostgreSQL.
    @Suite struct ConformanceTests {
        @Test(arguments: ManifestDuties.all)
        func recordKeepsManifests(_ duty: Duty<RecordUnderTest>) async throws { try await keep(duty) }

        @Test(arguments: AccountDuties.all)
        func recordKeepsAccounts(_ duty: Duty<RecordUnderTest>) async throws { try await keep(duty) }

        @Test(arguments: UploadDuties.all)
        func recordKeepsUploads(_ duty: Duty<LedgerUnderTest>) async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await duty.check(LedgerUnderTest(ledger: record, accounts: record))
            await record.close()
        }

        @Test(arguments: BackupDuties.all)
        func recordKeepsBackups(_ duty: Duty<BackupSourceUnderTest>) async throws {
            let (database, other) = (try ScratchDatabase(), try ScratchDatabase())
            let (full, empty) = (try await database.open(), try await other.open())
            try await duty.check(
                BackupSourceUnderTest(
                    source: full, record: RecordUnderTest(manifests: full, accounts: full), empty: empty,
                    emptyRecord: RecordUnderTest(manifests: empty, accounts: empty)))
            await full.close()
            await empty.close()
        }

        private func keep(_ duty: Duty<RecordUnderTest>) async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await duty.check(RecordUnderTest(manifests: record, accounts: record))
            await record.close()
        }
    }
}
