import Cryptography
import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// Files of models through the service, without sockets: the store is written as a peer would.
@Suite struct FileTests {
    private static let bytes: [UInt8] = [1, 2, 3]
    private static let files: JSONValue = [
        ["path": "best.ckpt", "size": 3, "sha256": .string(SHA256.hex(bytes))]
    ]

    private func key(_ starter: Starter, _ id: String) throws -> BlobKey {
        try #require(BlobKey("models/\(starter.room.id)/\(id)/best.ckpt"))
    }

    private func upload(_ id: String, _ files: JSONValue = files) -> JSONObject {
        ["type": "registry_upload", "model_id": .string(id), "files": files]
    }

    private func complete(_ ready: JSONObject) -> JSONObject {
        ["type": "registry_upload_complete", "upload_id": ready["upload_id"] ?? .null]
    }

    private func store(_ service: Service, _ starter: Starter, _ peer: Peer, _ id: String) async throws {
        _ = try await peer.publish(id)
        let ready = try await peer.ask(upload(id))
        try await service.store.blobs.store(Self.bytes, at: key(starter, id))
        #expect(try await peer.ask(complete(ready))["type"] == "registry_stored")
    }

    private func state(_ peer: Peer, _ id: String) async throws -> String? {
        let reply = try await peer.query("get_model_info", ["model_id": .string(id)])
        return reply[path: "model", "storage", "state"]?.stringValue
    }

    @Test func anUploadSeesThePublishSentBeforeIt() async throws {
        let service = try await Service()
        let peer = try await service.client(try await service.starter())
        await peer.say(all: [Peer.publish("00000001").id("p"), upload("00000001").id("u")])
        #expect(try await peer.channel.reply(to: "u")["type"] == "registry_upload_ready")
    }

    @Test func whileTheStoreIsAwayNothingIsLostAndItMaySendAgain() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        service.store.goAway()
        let refused = try await peer.ask(upload("00000001"))
        #expect(refused["code"] == "UNAVAILABLE" && refused["retryable"] == true)
        service.store.comeBack()
        let ready = try await peer.ask(upload("00000001"))
        try await service.store.blobs.store(Self.bytes, at: key(starter, "00000001"))
        service.store.goAway()
        #expect(try await peer.ask(complete(ready))["code"] == "UNAVAILABLE")
        #expect(try await state(peer, "00000001") == "uploading")
        service.store.comeBack()
        #expect(try await peer.ask(complete(ready))["type"] == "registry_stored")
    }

    @Test func aBadObjectIsNamedDeletedAndTheModelStaysAsItWas() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        let ready = try await peer.ask(upload("00000001"))
        let none = try await peer.ask(complete(ready))
        #expect(none["mismatches"]?.arrayValue?.count == 1)
        try await service.store.blobs.store([9, 9, 9], at: key(starter, "00000001"))
        let wrong = try await peer.ask(complete(ready))
        #expect(wrong["code"] == "INVALID_MESSAGE")
        #expect(wrong["mismatches"]?.arrayValue?.first?.objectValue?["path"] == "best.ckpt")
        #expect(try await service.store.blobs.size(of: key(starter, "00000001")) == nil)
        #expect(try await state(peer, "00000001") == "uploading")
    }

    @Test func aModelWhoseUploadIsGoneIsNotBeingUploadedForEver() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        _ = try await peer.publish("00000002")
        for id in ["00000001", "00000002"] { _ = try await peer.ask(upload(id)) }
        let gone = try #require(
            try await service.record.uploads(in: starter.room.id).first { $0.model.text == "00000001" })
        _ = try await service.record.close(gone.id, expiring: gone.expiresAt)
        #expect(try await service.check.examine(.telling).abandonedUploads == 1)
        #expect(try await state(peer, "00000001") == "uploading")
        #expect(try await service.check.examine(.mending).abandonedUploads == 1)
        #expect(try await state(peer, "00000001") == "none")
        #expect(try await state(peer, "00000002") == "uploading")
    }

    @Test func whatAReplacedUploadBroughtGoesUnlessItIsNamedAgain() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        func files(_ paths: [String]) -> JSONValue {
            .array(paths.map { ["path": .string($0), "size": 3, "sha256": .string(SHA256.hex(Self.bytes))] })
        }
        func key(_ path: String) throws -> BlobKey {
            try #require(BlobKey("models/\(starter.room.id)/00000001/\(path)"))
        }
        _ = try await peer.ask(upload("00000001", files(["a.ckpt", "b.ckpt"])))
        for path in ["a.ckpt", "b.ckpt"] { try await service.store.blobs.store(Self.bytes, at: key(path)) }
        let ready = try await peer.ask(upload("00000001", files(["b.ckpt", "c.ckpt"])))
        #expect(ready["files"]?.arrayValue?.count == 1)
        #expect(try await service.store.blobs.size(of: key("a.ckpt")) == nil)
        #expect(try await service.store.blobs.size(of: key("b.ckpt")) == 3)
    }

    @Test func viewersReadFilesAndStoreNone() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        try await store(service, starter, try await service.client(starter), "00000001")
        let jwt = try await service.member("vera", of: starter, role: .viewer)
        let viewer = try await service.join(starter.client("vera").with(["jwt": .string(jwt)]))
        #expect(try await viewer.ask(upload("00000001"))["code"] == "FORBIDDEN")
        let download: JSONObject = ["type": "registry_download", "model_id": "00000001"]
        #expect(try await viewer.ask(download)["type"] == "registry_download_ready")
    }

    @Test func anUploadIsCompletedInItsOwnRoomOnly() async throws {
        let service = try await Service()
        let mine = try await service.client(try await service.starter("ann", room: "lab"))
        let other = try await service.client(try await service.starter("bob", room: "den"))
        _ = try await mine.publish("00000001")
        let ready = try await mine.ask(upload("00000001"))
        #expect(try await other.ask(complete(ready))["code"] == "INVALID_MESSAGE")
    }

    @Test func theNumberOfStoredModelsIsLimited() async throws {
        var settings = FileSettings()
        settings.roomModels = 1
        let service = try await Service(files: settings)
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        try await store(service, starter, peer, "00000001")
        _ = try await peer.publish("00000002")
        let refused = try await peer.ask(upload("00000002"))
        #expect(refused["code"] == "LIMIT_REACHED")
        #expect(refused["message"]?.stringValue?.contains("SLEAP_ROOMS_ROOM_QUOTA_MODELS") == true)
        #expect(try await peer.ask(upload("00000001"))["type"] == "registry_upload_ready")
    }

    @Test func watchersHearOfFilesThatGoAndReturn() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        try await store(service, starter, peer, "00000001")
        _ = try await peer.ask(["type": "registry_subscribe"])
        try await service.store.blobs.delete(key(starter, "00000001"))
        #expect(try await service.check.examine(.telling).missing.count == 1)
        #expect(try await state(peer, "00000001") == "stored")
        #expect(try await service.check.examine(.mending).missing.count == 1)
        #expect(try await peer.channel.next(type: "registry_event")["kind"] == "missing")
        try await service.store.blobs.store(Self.bytes, at: key(starter, "00000001"))
        #expect(try await service.check.examine(.mending).returned.count == 1)
        #expect(try await peer.channel.next(type: "registry_event")["kind"] == "stored")
    }

    @Test func anUploadNobodyWentOnWithIsAbandonedAfterItsTime() async throws {
        let service = try await Service()
        let peer = try await service.client(try await service.starter())
        _ = try await peer.publish("00000001")
        let ready = try await peer.ask(upload("00000001"))
        #expect(try await service.check.examine(.mending).abandonedUploads == 0)
        service.clock.advance(seconds: 8 * 86_400)
        #expect(try await service.check.examine(.telling).abandonedUploads == 1)
        #expect(try await state(peer, "00000001") == "uploading")
        #expect(try await service.check.examine(.mending).abandonedUploads == 1)
        #expect(try await state(peer, "00000001") == "none")
        #expect(try await peer.ask(complete(ready))["code"] == "INVALID_MESSAGE")
    }
}
