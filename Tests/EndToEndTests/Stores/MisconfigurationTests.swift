import Foundation
import JSONWire
import RoomCore
import RoomStorage
import Testing

extension OnRealStores {
    /// A server that cannot do its work with what it is given says why and what to do, and ends.
    @Suite struct MisconfigurationTests {
        @Test(arguments: Misconfiguration.allCases)
        func aServerNamesCauseAndRemedyAndEnds(_ mistake: Misconfiguration) async throws {
            let stores = try await TestStores()
            let wrong = try await mistake.arrange(stores)
            let run = try stores.command(["serve", "--listen", "127.0.0.1:0"], wrong)
            #expect(run.status == mistake.exitCode, "\(run.errors)")
            let last = try #require(run.errors.split(separator: "\n").last, "it said nothing")
            for word in mistake.words { #expect(last.contains(word), "\(last)") }
            for secret in Misconfiguration.secrets { #expect(!run.errors.contains(secret)) }
        }

        @Test func theBucketOfAnotherInstallationIsTakenOverWhenToldSo() async throws {
            let stores = try await TestStores()
            _ = try await Misconfiguration.otherInstallation.arrange(stores)
            let server = stores.server(["SLEAP_ROOMS_BACKUP_ADOPT": "1"])
            try server.start()
            #expect(await server.readiness()?.status == "ready")
        }

        @Test func aCutOffSnapshotIsPassedOverForTheOneBeforeAndNamed() async throws {
            let stores = try await TestStores()
            let server = stores.server(["SLEAP_ROOMS_BACKUP_SNAPSHOT_CHANGES": "1"])
            let starter = try server.bootstrap()
            try server.start()
            let snapshots = "rooms/\(starter.room_id)/"
            func kept() async throws -> [BlobKey] {
                try await stores.bucket.list(prefix: snapshots, after: nil, limit: 100)
                    .filter { $0.path.contains("/snapshots/") }
            }
            try await withLoops { group in
                let session = try server.session(starter, on: group.next())
                for number in 1...2 {
                    _ = try await session.publish(["id": .string("0000000\(number)"), "name": "m"])
                    try await eventually("snapshot \(number)") { try await kept().count >= number }
                }
                await session.close()
            }
            #expect(server.terminate() == 0)
            let newest = try #require(try await kept().map(\.path).max().flatMap(BlobKey.init))
            let bytes = try #require(try await stores.bucket.load(newest))
            try await stores.bucket.store(Array(bytes.prefix(bytes.count / 2)), at: newest)
            try stores.wipeDatabase()
            try server.start()
            #expect(server.logLines(with: "a backup is damaged", newest.path) == 1, "\(server.log)")
            #expect(try stores.sql("SELECT revision FROM rooms") == "2\n")
        }
    }
}
