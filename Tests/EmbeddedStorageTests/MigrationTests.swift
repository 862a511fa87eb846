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
        await #expect(throws: StoreError.newerSchema(found: later.number, known: newest)) {
            _ = try await openRecord(at: path)
        }
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
        let last = SchemaMigration(number: newest + 2, name: "last", sql: Array("CREATE TABLE last (x)".utf8))
        await #expect(throws: StoreError.migrationMismatch(number: later.number)) {
            _ = try await openRecord(at: path, migrations: SchemaMigration.embedded + [last])
        }
    }

    @Test func aFailingMigrationLeavesNothing() async throws {
        let scratch = try await ScratchRecord()
        await scratch.record.close()
        let broken = SchemaMigration(number: later.number, name: "later", sql: later.sql + Array("; NONSENSE".utf8))
        await #expect(throws: StoreError.self) {
            _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [broken])
        }
        _ = try await openRecord(at: scratch.path, migrations: SchemaMigration.embedded + [later])
    }

    /// What a record of before roles held goes on as it was: its members are publishers, and its triggers still tell.
    @Test func aMemberOfBeforeIsAPublisher() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        await (try await openRecord(at: path, migrations: SchemaMigration.embedded.filter { $0.number < 8 })).close()
        try OutsideConnection(path).run(
            """
            INSERT INTO rooms (id, name, created_by, created_at, epoch) VALUES ('r', 'r', 'a', 1, 'e');
            INSERT INTO members (room_id, user_id, role, joined_at)
            VALUES ('r', 'a', 'owner', 1), ('r', 'b', 'member', 2), ('r', 'c', 'viewer', 3);
            UPDATE room_backups SET kept_revision = 0, kept_dossier = dossier;
            """)
        let record = try await openRecord(at: path)
        let room = RoomID(trusted: "r")
        #expect(try await record.members(of: room).map(\.role) == [.owner, .publisher, .viewer])
        #expect(try await record.access(to: room)?.roles.count == 3)
        #expect(try await record.policy(of: room) == RoomPolicy())
        #expect(try await record.oldestDueBackup() != nil)
        let (version, dossier) = (
            try await record.accessVersion(of: room), try await record.dossier(of: room)?.version
        )
        let joined = Membership(room: room, user: UserID(trusted: "d"), role: .worker, joinedAt: Timestamp(seconds: 4))
        try await record.join(joined)
        #expect(try await record.accessVersion(of: room) != version)
        #expect(try await record.dossier(of: room)?.version != dossier)
        await record.close()
    }

    private var newest: Int { SchemaMigration.embedded.map(\.number).max() ?? 0 }

    private var later: SchemaMigration {
        SchemaMigration(number: newest + 1, name: "later", sql: Array("CREATE TABLE later (x INTEGER) STRICT".utf8))
    }
}
