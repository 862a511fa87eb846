import FoundationEssentials
import RoomCore
import RoomStorage
import Testing

@testable import PostgresStorage

extension PostgresTests {
    @Suite struct MigrationTests {
        @Test func theProgramCarriesEveryMigrationFileAsItIs() throws {
            let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 } + "/migrations"
            let files = try FileManager.default.contentsOfDirectory(atPath: root)
                .filter { $0.hasSuffix(".postgres.sql") }.sorted()
            let names = SchemaMigration.embedded.map { migration in
                String(repeating: "0", count: 4 - "\(migration.number)".count)
                    + "\(migration.number)_\(migration.name).postgres.sql"
            }
            #expect(names == files)
            for (name, migration) in zip(names, SchemaMigration.embedded) {
                #expect(FileManager.default.contents(atPath: "\(root)/\(name)").map { Array($0) } == migration.sql)
            }
        }

        @Test func manyServersMayMigrateAtOnce() async throws {
            let database = try ScratchDatabase()
            let records = try await sideBySide(6) { _ in try await database.open() }
            try await records[0].makeRooms(1)
            for record in records { #expect(try await record.room(roomID(0)) != nil) }
            #expect(
                try database.connection().run("SELECT number FROM schema_migrations")
                    == SchemaMigration.embedded.map { "\($0.number)" })
            for record in records { await record.close() }
        }

        @Test func aMissingMigrationIsAppliedToARecordInUse() async throws {
            let database = try ScratchDatabase()
            let first = try await database.open()
            try await first.makeRooms(1)
            let opened = try await database.open(migrations: SchemaMigration.embedded + [later])
            #expect(try await opened.room(roomID(0)) != nil)
            // Once applied it is not applied again: its table exists by now.
            await (try await database.open(migrations: SchemaMigration.embedded + [later])).close()
            await opened.close()
            await first.close()
        }

        @Test func pendingMigrationsAreNamedAndNotApplied() async throws {
            let database = try ScratchDatabase()
            let pending = try await PostgresRecord.pendingMigrations(url: database.url, sha256: standInDigest)
            #expect(pending.map(\.number) == SchemaMigration.embedded.map(\.number))
            await #expect(throws: StoreError.self) { _ = try await database.open(migrate: false) }
            #expect(
                try database.connection().run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == ["0"])
            await (try await database.open()).close()
            #expect(try await PostgresRecord.pendingMigrations(url: database.url, sha256: standInDigest).isEmpty)
            await (try await database.open(migrate: false)).close()
        }

        @Test func aNewerSchemaIsRefused() async throws {
            let database = try ScratchDatabase()
            await (try await database.open(migrations: SchemaMigration.embedded + [later])).close()
            await #expect(throws: StoreError.newerSchema(found: later.number, known: newest)) {
                _ = try await database.open()
            }
        }

        @Test func aChangedMigrationIsRefused() async throws {
            let database = try ScratchDatabase()
            await (try await database.open()).close()
            let changed = SchemaMigration.embedded.map {
                SchemaMigration(
                    number: $0.number, name: $0.name, sql: $0.number == 1 ? $0.sql + Array("\n".utf8) : $0.sql)
            }
            await #expect(throws: StoreError.migrationMismatch(number: 1)) {
                _ = try await database.open(migrations: changed)
            }
        }

        @Test func aFailingMigrationLeavesNothing() async throws {
            let database = try ScratchDatabase()
            await (try await database.open()).close()
            let broken = SchemaMigration(number: later.number, name: "later", sql: later.sql + Array("; NONSENSE".utf8))
            await #expect(throws: StoreError.self) {
                _ = try await database.open(migrations: SchemaMigration.embedded + [broken])
            }
            await (try await database.open(migrations: SchemaMigration.embedded + [later])).close()
        }

        @Test func anotherProgramsTablesAreLeftAlone() async throws {
            let database = try ScratchDatabase()
            try database.connection().run("CREATE TABLE rooms (x int)")
            let error = await #expect(throws: StoreError.self) { _ = try await database.open() }
            #expect(error?.description.contains("another program's tables") == true)
        }

        /// What a record of before roles held goes on as it was: its members are publishers.
        @Test func aMemberOfBeforeIsAPublisher() async throws {
            let database = try ScratchDatabase()
            await (try await database.open(migrations: SchemaMigration.embedded.filter { $0.number < 8 })).close()
            try database.connection().run(
                "INSERT INTO rooms (id, name, created_by, created_at, epoch) VALUES ('r', 'r', 'a', 1, 'e')")
            try database.connection().run(
                """
                INSERT INTO members (room_id, user_id, role, joined_at)
                VALUES ('r', 'a', 'owner', 1), ('r', 'b', 'member', 2), ('r', 'c', 'viewer', 3)
                """)
            let record = try await database.open()
            let room = RoomID(trusted: "r")
            #expect(try await record.members(of: room).map(\.role) == [.owner, .publisher, .viewer])
            #expect(try await record.access(to: room)?.roles.count == 3)
            #expect(try await record.policy(of: room) == RoomPolicy())
            await record.close()
        }

        private var newest: Int { SchemaMigration.embedded.map(\.number).max() ?? 0 }

        private var later: SchemaMigration {
            SchemaMigration(number: newest + 1, name: "later", sql: Array("CREATE TABLE later (x int)".utf8))
        }
    }
}
