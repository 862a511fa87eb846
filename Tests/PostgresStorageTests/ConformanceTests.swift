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

        private func keep(_ duty: Duty<RecordUnderTest>) async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await duty.check(RecordUnderTest(manifests: record, accounts: record))
            await record.close()
        }
    }
}
