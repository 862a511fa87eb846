import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// What a server does about its files by itself, and what it tells operators of them.
extension FileTests {
    @Test func anObjectThatIsGoneMakesItsModelMissingUntilItReturns() async throws {
        try await withServer(["SLEAP_ROOMS_FILE_CHECK_S": "1"]) { server, starter, session in
            try await session.publishModel("0000000b", files: [Self.small])
            try await stored(session, "0000000b", [Self.small])
            let object = path(server, starter, "0000000b/training_config.yaml")
            try FileManager.default.moveItem(atPath: object, toPath: object + "-away")
            try await eventually("the model to be missing") {
                try await session.storageState(of: "0000000b") == "missing"
            }
            let report = try await admin(server, "GET", "/admin/storage")
            #expect(report["missing"]?.arrayValue?.count == 1)
            let refusal = try await session.refusal("registry_download", ["model_id": "0000000b"])
            #expect(refusal.contains("missing"))
            try FileManager.default.moveItem(atPath: object + "-away", toPath: object)
            try await eventually("the model to be stored again") {
                try await session.storageState(of: "0000000b") == "stored"
            }
            let history = try await session.query("history", ["model_id": "0000000b"])
            let kinds = history["changes"]?.arrayValue?.compactMap { $0.objectValue?["kind"]?.stringValue }
            #expect(kinds?.suffix(3) == ["stored", "missing", "stored"])
        }
    }

    @Test func anOrphanIsCollectedOnlyAfterItsGraceTimeAndAStrangersNever() async throws {
        try await withServer(["SLEAP_ROOMS_ORPHAN_GRACE_S": "20"]) { server, starter, session in
            try await session.publishModel("0000000c", files: [Self.small])
            try await stored(session, "0000000c", [Self.small])
            _ = try await session.ask("registry_withdraw", ["model_id": "0000000c"])
            let paths = [
                path(server, starter, "000000ff/old.ckpt"), path(server, starter, "000000ff/new.ckpt"),
                "\(server.data)/blobs/models/no-such-room/000000ff/old.ckpt@",
                path(server, starter, "0000000c/training_config.yaml"),
            ]
            for path in paths where !FileManager.default.fileExists(atPath: path) {
                let folder = URL(filePath: path).deletingLastPathComponent()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data([1, 2, 3]).write(to: URL(filePath: path))
            }
            let old = Date(timeIntervalSinceNow: -4000)
            for index in [0, 2, 3] {
                try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: paths[index])
            }
            let later = Date(timeIntervalSinceNow: 4000)
            try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: paths[1])
            let told = try await admin(server, "POST", "/admin/storage/collect?dry_run=1")
            #expect(told["orphan_count"]?.intValue == 2)
            #expect(told["objects_of_unknown_rooms"]?.intValue == 1)
            // However old an object is, the room may have named it until its epoch began.
            try await eventually("the grace time of the room's epoch to be over", within: 60) {
                try await admin(server, "POST", "/admin/storage/collect?dry_run=1")["collectable"]?.intValue == 1
            }
            #expect(paths.allSatisfy { FileManager.default.fileExists(atPath: $0) })
            let done = try await admin(server, "POST", "/admin/storage/collect")
            #expect(done["collected"]?.intValue == 1)
            #expect(paths.map { FileManager.default.fileExists(atPath: $0) } == [false, true, true, true])
        }
    }

    @Test func aVerificationThatAKillCutOffIsMadeAgainWithoutBeingAskedFor() async throws {
        // Half a gibibyte of nothing: a file without blocks that takes a while to hash.
        let size = 512 << 20
        let entry: JSONValue = [
            "path": "best.ckpt", "size": .integer(size),
            "sha256": "9acca8e8c22201155389f65abbf6bc9723edc7384ead80503839f49dcc56d767",
        ]
        try await withServer(["SLEAP_ROOMS_WHOLE_UPLOAD_BYTES": "1073741824"]) { server, starter, session in
            try await session.publishModel("0000000e")
            let ready = try await session.ask("registry_upload", ["model_id": "0000000e", "files": [entry]])
            let object = path(server, starter, "0000000e/best.ckpt")
            let folder = URL(filePath: object).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: object, contents: nil))
            let handle = try FileHandle(forWritingTo: URL(filePath: object))
            try handle.truncate(atOffset: UInt64(size))
            try handle.close()
            let asked = Task { try await session.complete(ready) }
            try await eventually("the verification to begin") {
                try await admin(server, "GET", "/admin/storage")["verifying_uploads"]?.intValue == 1
            }
            server.kill()
            asked.cancel()
            await session.close()
            try server.start()
            #expect(try await admin(server, "GET", "/admin/storage")["verifying_uploads"]?.intValue == 1)
            try await eventually("the verification to be made again", within: 120) {
                try await admin(server, "GET", "/admin/storage")["verifying_uploads"]?.intValue == 0
            }
            try await withLoops { loops in
                let later = try server.session(starter, on: loops.next())
                #expect(try await later.storageState(of: "0000000e") == "stored")
                await later.close()
            }
        }
    }

    @Test func doctorAndTheOperatorsRouteFindTheSame() async throws {
        try await withServer { server, starter, session in
            try await session.publishModel("0000000f", files: [Self.small])
            try await stored(session, "0000000f", [Self.small])
            try FileManager.default.removeItem(atPath: path(server, starter, "0000000f/training_config.yaml"))
            let orphan = path(server, starter, "000000ff/old.ckpt")
            let folder = URL(filePath: orphan).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data([1, 2, 3]).write(to: URL(filePath: orphan))
            let told = try await admin(server, "POST", "/admin/storage/collect?dry_run=1")
            #expect(told["orphan_count"]?.intValue == 1 && told["missing_count"]?.intValue == 1)
            let run = try Command.run(
                BuiltServer.binary, ["doctor", "--data", server.data, "--json"],
                environment: ["SLEAP_ROOMS_LISTEN": "127.0.0.1:0"])
            let found = try JSONValue.parse(Array(run.output.utf8), maxDepth: 64).objectValue?["storage"]
            #expect(found == .object(told))
        }
    }

    @Test func operatorsRoutesNeedTheirToken() async throws {
        try await withServer { server, starter, _ in
            for bearer in [nil, starter.jwt, Self.token + "x", String(Self.token.dropLast())] {
                let look = try await server.ask("GET", "/admin/storage", bearer: bearer).status
                let collect = try await server.ask("POST", "/admin/storage/collect", bearer: bearer).status
                #expect(look == 401 && collect == 401)
            }
        }
    }

    @Test func doctorTellsWhatIsMissingAndTooMuch() async throws {
        try await withServer { server, starter, session in
            try await session.publishModel("0000000d", files: [Self.small])
            try await stored(session, "0000000d", [Self.small])
            try FileManager.default.removeItem(atPath: path(server, starter, "0000000d/training_config.yaml"))
            let run = try Command.run(
                BuiltServer.binary, ["doctor", "--data", server.data, "--json"],
                environment: ["SLEAP_ROOMS_LISTEN": "127.0.0.1:0"])
            #expect(run.status == 0)
            #expect(run.output.contains(#""missing":["\#(starter.room_id)/0000000d"]"#))
        }
    }
}
