import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// Model files through the built server: up, verified, listed, down, checked and collected.
@Suite(.serialized) struct FileTests {
    static let token = "operators-token-of-this-test"
    private static let settings = [
        "SLEAP_ROOMS_WHOLE_UPLOAD_BYTES": "1000000", "SLEAP_ROOMS_PART_BYTES": "1048576",
        "SLEAP_ROOMS_ADMIN_TOKEN": token, "SLEAP_ROOMS_FILE_CHECK_S": "0",
    ]
    static let small = TestFile("training_config.yaml", count: 2_000, seed: 1)
    static let large = TestFile("weights/best model.ckpt", count: 2_600_000, seed: 2)
    static let files = [small, large]

    func withServer(
        _ environment: [String: String] = [:],
        _ body: (BuiltServer, BuiltServer.Starter, RoomSession) async throws -> Void
    ) async throws {
        let server = BuiltServer(environment: Self.settings.merging(environment) { _, new in new })
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { loops in
            let session = try server.session(starter, on: loops.next())
            try await body(server, starter, session)
            await session.close()
        }
    }

    func stored(_ session: RoomSession, _ id: String, _ files: [TestFile] = files) async throws {
        let ready = try await session.upload(id, files)
        try await FileClient.send(ready, files)
        #expect(try await session.complete(ready)["type"]?.stringValue == "registry_stored")
    }

    /// Where the server keeps a file.
    func path(_ server: BuiltServer, _ starter: BuiltServer.Starter, _ rest: String) -> String {
        "\(server.data)/blobs/models/\(starter.room_id)/\(rest)@"
    }

    func admin(_ server: BuiltServer, _ method: String, _ path: String) async throws -> JSONObject {
        let answer = try await server.ask(method, path, bearer: Self.token)
        #expect(answer.status == 200)
        return answer.body
    }

    @Test func whatWasUploadedIsDownloadedAsItWas() async throws {
        try await withServer { _, _, session in
            try await session.publishModel("00000001", files: Self.files)
            let ready = try await session.upload("00000001", Self.files)
            #expect(try await session.storageState(of: "00000001") == "uploading")
            #expect(try await FileClient.send(ready, Self.files) == 4)
            let reply = try await session.complete(ready)
            let storage = reply["model"]?.objectValue?["storage"]?.objectValue
            #expect(storage?["state"]?.stringValue == "stored")
            #expect(storage?["s3"]?.stringValue?.hasSuffix("/00000001/") == true)
            let download = try await session.ask("registry_download", ["model_id": "00000001"])
            let listed = try #require(download["files"]?.arrayValue)
            #expect(listed.count == 2)
            for entry in listed {
                let entry = try #require(entry.objectValue)
                let file = try #require(Self.files.first { $0.path == entry["path"]?.stringValue })
                let answer = try await FileClient.ask("GET", try #require(entry["url"]?.stringValue))
                #expect(answer.status == 200)
                #expect(answer.bytes == file.bytes)
            }
            #expect(try await session.upload("00000001", Self.files)["files"]?.arrayValue?.isEmpty == true)
            let again = try await session.complete(ready)
            #expect(again["revision"] == reply["revision"])
        }
    }

    @Test func aModelWithoutFilesGetsThoseThatWereUploaded() async throws {
        try await withServer { _, _, session in
            try await session.publishModel("00000002")
            try await stored(session, "00000002")
            let info = try await session.query("get_model_info", ["model_id": "00000002"])
            let model = try #require(info["model"]?.objectValue)
            #expect(model["files"]?.arrayValue?.count == 2)
            #expect(model["size_bytes"]?.intValue == 2_602_000)
            #expect(model["digest"]?.stringValue?.count == 64)
            let other = TestFile("other.ckpt", count: 10, seed: 3)
            let refusal = try await session.refusal(
                "registry_upload", ["model_id": "00000002", "files": [other.entry]])
            #expect(refusal.contains("INVALID_MESSAGE"))
        }
    }

    @Test func anUploadThatBrokeOffGoesOnAfterTheServerWasKilled() async throws {
        try await withServer { server, _, session in
            try await session.publishModel("00000003", files: Self.files)
            let first = try await session.upload("00000003", Self.files)
            #expect(try await FileClient.send(first, Self.files, limit: 2) == 2)
            server.kill()
            try server.start()
            let second = try await session.upload("00000003", Self.files)
            #expect(second["upload_id"] == first["upload_id"])
            #expect(try await FileClient.send(second, Self.files) == 2)
            server.kill()
            try server.start()
            #expect(try await session.complete(second)["type"]?.stringValue == "registry_stored")
        }
    }

    @Test func bytesThatDifferAreFoundAndAskedForAgain() async throws {
        try await withServer { _, _, session in
            try await session.publishModel("00000004", files: Self.files)
            let ready = try await session.upload("00000004", Self.files)
            let wrong = TestFile(Self.large.path, count: Self.large.bytes.count, seed: 99)
            try await FileClient.send(ready, [Self.small, wrong])
            let refusal = try await session.refusal(
                "registry_upload_complete", ["upload_id": ready["upload_id"] ?? .null])
            #expect(refusal.contains("INVALID_MESSAGE"))
            #expect(try await session.storageState(of: "00000004") == "uploading")
            let again = try await session.upload("00000004", Self.files)
            #expect(again["files"]?.arrayValue?.count == 1)
            try await FileClient.send(again, Self.files)
            _ = try await session.complete(again)
            #expect(try await session.storageState(of: "00000004") == "stored")
        }
    }

    @Test func aWholeFileThatDiffersIsRefusedAtTheDoor() async throws {
        try await withServer { _, _, session in
            try await session.publishModel("00000005", files: [Self.small])
            let ready = try await session.upload("00000005", [Self.small])
            let url = try #require(ready["files"]?.arrayValue?.first?.objectValue?["url"]?.stringValue)
            let wrong = TestFile("x", count: Self.small.bytes.count, seed: 7).bytes
            let other = try await FileClient.ask("PUT", url, body: wrong)
            #expect(other.status == 400)
            #expect(other.text.contains("SHA-256"))
            let short = try await FileClient.ask("PUT", url, body: Array(Self.small.bytes.dropLast()))
            #expect(short.status == 400)
            #expect(short.text.contains("1999 bytes"))
            let forged = try await FileClient.ask(
                "PUT", url.replacingOccurrences(of: "size=2000", with: "size=2001"), body: wrong)
            #expect(forged.status == 403)
            #expect(try await FileClient.ask("GET", url).status == 403)
            let early = try await FileClient.ask(
                "PUT", url.replacingOccurrences(of: "seal=", with: "seal=0"),
                body: [UInt8](repeating: 0, count: 300_000))
            #expect(early.status == 403)
        }
    }

    @Test func anAddressStopsWorkingAfterItsTime() async throws {
        try await withServer(["SLEAP_ROOMS_ADDRESS_S": "1"]) { _, _, session in
            try await session.publishModel("00000006", files: [Self.small])
            let ready = try await session.upload("00000006", [Self.small])
            let url = try #require(ready["files"]?.arrayValue?.first?.objectValue?["url"]?.stringValue)
            try await eventually("the end of the address") {
                let answer = try await FileClient.ask("PUT", url, body: [1])
                return answer.status == 403 && answer.text.contains("expired")
            }
        }
    }

    @Test func aPartOfAFileIsServedByItsRange() async throws {
        try await withServer { _, _, session in
            try await session.publishModel("00000007", files: [Self.small])
            try await stored(session, "00000007", [Self.small])
            let download = try await session.ask("registry_download", ["model_id": "00000007"])
            let url = try #require(download["files"]?.arrayValue?.first?.objectValue?["url"]?.stringValue)
            let part = try await FileClient.ask("GET", url, headers: ["Range": "bytes=10-19"])
            #expect(part.status == 206)
            #expect(part.bytes == Array(Self.small.bytes[10..<20]))
            #expect(part.headers["content-range"] == "bytes 10-19/2000")
            let end = try await FileClient.ask("GET", url, headers: ["Range": "bytes=-5"])
            #expect(end.bytes == Array(Self.small.bytes.suffix(5)))
            #expect(try await FileClient.ask("GET", url, headers: ["Range": "bytes=2000-"]).status == 416)
            let tag = try #require(part.headers["etag"])
            #expect(try await FileClient.ask("GET", url, headers: ["If-None-Match": tag]).status == 304)
        }
    }

    @Test func aRoomThatIsFullStoresNoMore() async throws {
        try await withServer(["SLEAP_ROOMS_ROOM_QUOTA_BYTES": "3000", "SLEAP_ROOMS_ROOM_QUOTA_MODELS": "2"]) {
            _, _, session in
            try await session.publishModel("00000008", files: [Self.small])
            try await stored(session, "00000008", [Self.small])
            try await session.publishModel("00000009", files: [Self.small])
            let refusal = try await session.refusal(
                "registry_upload", ["model_id": "00000009", "files": [Self.small.entry]])
            #expect(refusal.contains("LIMIT_REACHED"))
            #expect(refusal.contains("SLEAP_ROOMS_ROOM_QUOTA_BYTES"))
        }
    }

    @Test func onlyCheckpointAndConfigFilesAreStored() async throws {
        try await withServer { _, _, session in
            try await session.publishModel("0000000a")
            for path in ["run.sh", "ckpt", "../best.ckpt", "/best.ckpt"] {
                let file = TestFile(path, count: 1, seed: 1)
                let refusal = try await session.refusal(
                    "registry_upload", ["model_id": "0000000a", "files": [file.entry]])
                #expect(refusal.contains("INVALID_MESSAGE"), "\(path)")
            }
        }
    }
}
