import RoomCore
import RoomStorage
import Testing

@testable import PostgresStorage

extension PostgresTests {
    @Suite struct RefusalTests {
        @Test func aReadOnlyRoleReadsAndIsToldWhyItCannotWrite() async throws {
            let database = try ScratchDatabase()
            let first = try await database.open()
            try await first.makeRooms(1)
            await first.close()
            let role = "reader_\(database.name)"
            let outside = try database.connection()
            try outside.run(
                "CREATE ROLE \(role) LOGIN PASSWORD 'pw'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(role)")
            let record = try await database.open(url: database.url(user: role, password: "pw"), migrate: false)
            #expect(try await record.room(roomID(0)) != nil)
            try await expectRefused("lacks a right") { _ = try await record.append(1) }
            try await expectRefused("lacks a right") { try await record.probe() }
            await record.close()
            try outside.run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM \(role); DROP ROLE \(role)")
        }

        @Test func aReadOnlyDatabaseIsUnavailableForWrites() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await record.makeRooms(1)
            let outside = try database.connection()
            try outside.run("ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
            try outside.endBackends()
            #expect(await eventually { try await record.head(of: roomID(0)) != nil && record.state.isReachable })
            try await expectUnavailable("takes no writes") { _ = try await record.append(1) }
            try outside.run("SET default_transaction_read_only = off")
            try outside.run("ALTER DATABASE \(database.name) RESET default_transaction_read_only")
            #expect(await eventually { try await record.append(1) == .committed })
            await record.close()
        }

        @Test func noErrorShowsThePassword() async throws {
            let secret = "s3cr3t-word"
            let addresses = [
                "postgresql://user:\(secret)@127.0.0.1:1/none", "postgresql://user:\(secret)@127.0.0.1:port/none",
                "postgresql://user:\(secret)@127.0.0.1:1/none?odd=1", "postgresql://user:a@\(secret)@127.0.0.1:1/none",
                "postgresql://user:\(secret)%zz@127.0.0.1:1/none", "postgresql://user:\(secret)@[::1/none",
            ]
            for address in addresses {
                let error = await #expect(throws: StoreError.self) {
                    _ = try await PostgresRecord.open(
                        url: address, moment: Timestamp(seconds: 1), sha256: standInDigest)
                }
                #expect(error?.description.contains(secret) == false)
                #expect(error?.description.contains("database") == true)
            }
        }

        @Test func anUnknownDatabaseIsNamed() async throws {
            let database = try ScratchDatabase()
            let url = database.url + "_not"
            try await expectRefused("create that database") { _ = try await database.open(url: url) }
        }

        private func expectRefused(_ text: String, _ body: () async throws -> Void) async throws {
            let error = await #expect(throws: StoreError.self) { try await body() }
            guard case .refused(let reason) = error else { throw error ?? StoreError.closed }
            #expect(reason.contains(text))
        }

        private func expectUnavailable(_ text: String, _ body: () async throws -> Void) async throws {
            let error = await #expect(throws: StoreError.self) { try await body() }
            guard case .unavailable(let reason) = error else { throw error ?? StoreError.closed }
            #expect(reason.contains(text))
        }
    }
}
