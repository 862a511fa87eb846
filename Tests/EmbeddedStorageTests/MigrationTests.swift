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

    @Test func migrationsAreNumberedInRisingOrderFromOne() {
        let numbers = SchemaMigration.embedded.map(\.number)
        #expect(numbers.first == 1)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func aMissingMigrationIsAppliedToARecordInUse() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(1)
        await scratch.record.close()
        let opened = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [later])
        #expect(try await opened.room(roomID(0)) != nil)
        await opened.close()
        // Once applied it is not applied again: its table exists by now.
        _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [later])
    }

    @Test func aNewerSchemaIsRefused() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path, migrations: SchemaMigration.embedded + [later])).close()
        let newest = try #require(SchemaMigration.embedded.last?.number)
        await #expect(throws: StoreError.newerSchema(found: 9, known: newest)) { _ = try await openRecord(at: path) }
    }

    @Test func aChangedMigrationIsRefused() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path)).close()
        let changed = SchemaMigration.embedded.map {
            SchemaMigration(
                number: $0.number, name: $0.name, sql: $0.number == 1 ? $0.sql + Array("\n".utf8) : $0.sql)
        }
        await #expect(throws: StoreError.migrationMismatch(number: 1)) {
            _ = try await openRecord(at: path, migrations: changed)
        }
    }

    @Test func anUnknownOlderMigrationIsRefused() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path, migrations: SchemaMigration.embedded + [later])).close()
        let last = SchemaMigration(number: 10, name: "last", sql: Array("CREATE TABLE last (x)".utf8))
        await #expect(throws: StoreError.migrationMismatch(number: 9)) {
            _ = try await openRecord(at: path, migrations: SchemaMigration.embedded + [last])
        }
    }

    @Test func aFailingMigrationLeavesNothing() async throws {
        let scratch = try await ScratchRecord()
        await scratch.record.close()
        let broken = SchemaMigration(number: 9, name: "later", sql: later.sql + Array("; NONSENSE".utf8))
        await #expect(throws: StoreError.self) {
            _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [broken])
        }
        _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [later])
    }

    private var later: SchemaMigration {
        SchemaMigration(number: 9, name: "later", sql: Array("CREATE TABLE later (x INTEGER) STRICT".utf8))
    }
}
