import EmbeddedStorage
import FoundationEssentials
import RoomCore
import RoomStorage
import Testing

@Suite struct MigrationTests {
    @Test func theProgramCarriesEveryMigrationFileAsItIs() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 } + "/migrations"
        let files = try FileManager.default.contentsOfDirectory(atPath: root)
            .filter { $0.hasSuffix(".sqlite.sql") }.sorted()
        let names = SchemaMigration.embedded.map { migration in
            String(repeating: "0", count: 4 - "\(migration.number)".count)
                + "\(migration.number)_\(migration.name).sqlite.sql"
        }
        #expect(names == files)
        for (name, migration) in zip(names, SchemaMigration.embedded) {
            #expect(try readFile("\(root)/\(name)") == migration.sql)
        }
    }

    @Test func migrationsAreNumberedWithoutGaps() {
        #expect(SchemaMigration.embedded.map(\.number) == Array(1...SchemaMigration.embedded.count))
    }

    @Test func aMissingMigrationIsAppliedToARecordInUse() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(1)
        await scratch.record.close()
        let later = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [second])
        #expect(try await later.room(roomID(0)) != nil)
        await later.close()
        // Once applied it is not applied again: its table exists by now.
        _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [second])
    }

    @Test func aNewerSchemaIsRefused() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path, migrations: SchemaMigration.embedded + [second])).close()
        await #expect(throws: StoreError.newerSchema(found: 2, known: 1)) { _ = try await openRecord(at: path) }
    }

    @Test func aChangedMigrationIsRefused() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path)).close()
        let changed = SchemaMigration.embedded.map {
            SchemaMigration(number: $0.number, name: $0.name, sql: $0.sql + Array("\n".utf8))
        }
        await #expect(throws: StoreError.migrationMismatch(number: 1)) {
            _ = try await openRecord(at: path, migrations: changed)
        }
    }

    @Test func anUnknownOlderMigrationIsRefused() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path, migrations: SchemaMigration.embedded + [second])).close()
        let third = SchemaMigration(number: 3, name: "third", sql: Array("CREATE TABLE third (x)".utf8))
        await #expect(throws: StoreError.migrationMismatch(number: 2)) {
            _ = try await openRecord(at: path, migrations: SchemaMigration.embedded + [third])
        }
    }

    @Test func aFailingMigrationLeavesNothing() async throws {
        let scratch = try await ScratchRecord()
        await scratch.record.close()
        let broken = SchemaMigration(number: 2, name: "second", sql: second.sql + Array("; NONSENSE".utf8))
        await #expect(throws: StoreError.self) {
            _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [broken])
        }
        _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [second])
    }

    private var second: SchemaMigration {
        SchemaMigration(number: 2, name: "second", sql: Array("CREATE TABLE second (x INTEGER) STRICT".utf8))
    }
}
