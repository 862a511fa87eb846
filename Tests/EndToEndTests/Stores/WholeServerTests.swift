import EventLoops
import Foundation
import FoundationNetworking
import JSONWire
import RoomClient
import Testing

extension OnRealStores {
    /// The server on PostgreSQL, Redis and an S3 server that checks signatures.
    @Suite struct WholeServerTests {
        private static let files = [
            TestFile("training_config.yaml", count: 2_000, seed: 1), TestFile("best.ckpt", count: 2_600_000, seed: 2),
        ]
        private static let sizes = [
            "SLEAP_ROOMS_WHOLE_UPLOAD_BYTES": "1000000", "SLEAP_ROOMS_PART_BYTES": "5242880",
            "SLEAP_ROOMS_FILE_CHECK_S": "0",
        ]

        private func session(
            _ server: BuiltServer, _ starter: BuiltServer.Starter, _ group: EventLoopGroup
        ) throws -> RoomSession {
            // The signing key goes with the database; account keys come back with the backup.
            RoomSession(
                try server.settings(.accountKey(starter.account_key, room: starter.room_id)), on: group.next())
        }

        private func expectDownload(of id: String, _ session: RoomSession) async throws {
            let download = try await session.ask("registry_download", ["model_id": .string(id)])
            let listed = try #require(download["files"]?.arrayValue).compactMap(\.objectValue)
            #expect(listed.count == Self.files.count)
            for entry in listed {
                let file = try #require(Self.files.first { $0.path == entry["path"]?.stringValue })
                let url = try #require(entry["url"]?.stringValue)
                let answer = try await FileClient.ask("GET", url)
                #expect(answer.status == 200)
                #expect(answer.bytes == file.bytes)
                #expect(try await FileClient.ask("GET", Self.forged(url)).status == 403)
            }
        }

        /// The same address, signed by nobody.
        private static func forged(_ url: String) -> String {
            url.replacing(/X-Amz-Signature=[0-9a-f]{8}/, with: "X-Amz-Signature=00000000")
        }

        @Test func filesGoToTheObjectStoreByItsOwnSignaturesAndRoomsComeBackFromItAlone() async throws {
            let stores = try await TestStores()
            let server = stores.server(Self.sizes)
            let starters = try (1...3).map { try server.bootstrap(room: "lab-\($0)") }
            try server.start()
            try await withLoops { group in
                for (index, starter) in starters.enumerated() {
                    let session = try session(server, starter, group)
                    for number in 0...index { try await session.publishModel("0000000\(number)", files: Self.files) }
                    await session.close()
                }
                let session = try session(server, starters[0], group)
                let upload = try await session.upload("00000000", Self.files)
                let first = try #require(
                    upload["files"]?.arrayValue?.compactMap(\.objectValue).first { $0["url"]?.stringValue != nil })
                let url = try #require(first["url"]?.stringValue)
                #expect(url.hasPrefix("http://127.0.0.1:\(stores.toS3.port)/\(stores.name)/"))
                #expect(try await FileClient.ask("PUT", Self.forged(url), body: Self.files[0].bytes).status == 403)
                try await FileClient.send(upload, Self.files)
                #expect(try await session.complete(upload)["type"]?.stringValue == "registry_stored")
                try await expectDownload(of: "00000000", session)
                await session.close()
            }
            let backup = try stores.command(["backup"])
            #expect(backup.status == 0, "\(backup.errors)")
            #expect(server.terminate() == 0)
            let verified = try stores.command(["backup", "verify"])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            #expect(verified.output.contains("3 rooms"))

            try stores.wipeDatabase()
            let addresses = try starters.map { starter in
                try server.settings(.accountKey(starter.account_key, room: starter.room_id))
            }
            let readyURL = try #require(URL(string: server.http + "/readyz"))
            let firstReady = Task { try await Self.modelsWhenFirstReady(readyURL, addresses) }
            _ = try server.start()
            let counts = try await firstReady.value
            #expect(counts == [1, 2, 3])
            #expect(server.log.contains("restoring all rooms"))
            try await withLoops { group in
                let session = try session(server, starters[0], group)
                #expect(try await session.storageState(of: "00000000") == "stored")
                try await expectDownload(of: "00000000", session)
                await session.close()
            }
        }

        /// Models of each room at the first moment `/readyz` says ready.
        private static func modelsWhenFirstReady(_ ready: URL, _ rooms: [ClientSettings]) async throws -> [Int] {
            try await eventually("the server", within: 60) {
                let answer = try? await URLSession.shared.data(from: ready).1
                return (answer as? HTTPURLResponse)?.statusCode == 200
            }
            return try await withLoops { group in
                var counts: [Int] = []
                for settings in rooms {
                    let connection = try await RoomConnection.open(settings, on: group.next())
                    let list = try await connection.request("registry_query", ["command": "list_models"])
                    counts.append(list["count"]?.intValue ?? 0)
                    await connection.close()
                }
                return counts
            }
        }

        /// The object store refuses what is signed hours off; the server takes the time from it, and says so.
        @Test func aWrongClockIsToldOfAndFilesGoUpAllTheSame() async throws {
            let stores = try await TestStores()
            let server = stores.server([
                "LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "FAKETIME": "+2h",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            ])
            let starter = try server.bootstrap()
            try server.start()
            #expect(server.logLines(with: "clockSkewed") > 0, "\(server.log)")
            try await withLoops { group in
                let session = try session(server, starter, group)
                try await session.publishModel("00000000", files: Self.files)
                let upload = try await session.upload("00000000", Self.files)
                try await FileClient.send(upload, Self.files)
                #expect(try await session.complete(upload)["type"]?.stringValue == "registry_stored")
                try await expectDownload(of: "00000000", session)
                await session.close()
            }
        }
    }
}
