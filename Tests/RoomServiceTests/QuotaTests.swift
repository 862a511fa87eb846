import Cryptography
import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// What a room may use for files, also when several ask in one moment.
@Suite struct QuotaTests {
    private static func files(_ size: Int) -> JSONValue {
        [["path": "best.ckpt", "size": .integer(size), "sha256": .string(SHA256.hex([1, 2, 3]))]]
    }

    private func ask(_ peer: Peer, _ id: String, bytes: Int) async throws -> Bool {
        let reply = try await peer.ask(
            ["type": "registry_upload", "model_id": .string(id), "files": Self.files(bytes)])
        if reply["type"] != "registry_upload_ready" { #expect(reply["code"] == "LIMIT_REACHED") }
        return reply["type"] == "registry_upload_ready"
    }

    @Test func ofTwoUploadsStartedAtOnceOnTwoServersOneIsRefused() async throws {
        var settings = FileSettings()
        settings.roomBytes = 100
        let one = try await Service(files: settings)
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two", files: settings)
        let hearing = Task { await two.directory.run() }
        defer { hearing.cancel() }
        let here = try await one.client(starter, "here")
        let alsoHere = try await one.client(starter, "also-here")
        let there = try await two.client(starter, "there")
        for round in 0..<10 {
            let ids = (1...3).map { (round * 3 + $0).modelID }
            for id in ids {
                _ = try await here.publish(id)
            }
            try await eventually("the other server to see them") {
                let reply = try await there.query("get_model_info", ["model_id": .string(ids[2])])
                return reply["model"] != nil
            }
            async let first = ask(here, ids[0], bytes: 60)
            async let second = ask(alsoHere, ids[1], bytes: 60)
            async let third = ask(there, ids[2], bytes: 60)
            let opened = try await [first, second, third]
            #expect(opened.filter { $0 }.count == 1)
            for upload in try await one.record.uploads(in: starter.room.id) {
                _ = try await one.record.close(upload.id, expiring: upload.expiresAt)
            }
        }
    }

    @Test(arguments: [0, 3, 1 << 40])
    func aStoredModelCountsWithItsFilesWhateverSizeItsPublisherClaims(_ claimed: Int) async throws {
        var settings = FileSettings()
        settings.roomBytes = 5
        let service = try await Service(files: settings)
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        for id in ["00000001", "00000002"] { _ = try await peer.publish(id) }
        let ready = try await peer.ask(
            ["type": "registry_upload", "model_id": "00000001", "files": Self.files(3)])
        let key = try #require(BlobKey("models/\(starter.room.id)/00000001/best.ckpt"))
        try await service.store.blobs.store([1, 2, 3], at: key)
        let stored = try await peer.ask(
            ["type": "registry_upload_complete", "upload_id": ready["upload_id"] ?? .null])
        #expect(stored["type"] == "registry_stored")
        // The upload itself is still open, and counts too.
        for upload in try await service.record.uploads(in: starter.room.id) {
            _ = try await service.record.close(upload.id, expiring: upload.expiresAt)
        }
        let updated = try await peer.ask(
            ["type": "registry_update", "model_id": "00000001", "set": ["size_bytes": .integer(claimed)]])
        #expect(updated["type"] == "registry_updated")
        #expect(try await !ask(peer, "00000002", bytes: 3))
        #expect(try await ask(peer, "00000002", bytes: 2))
    }

    @Test func anUploadThatExpiredMakesRoomForAnother() async throws {
        var settings = FileSettings()
        settings.roomModels = 1
        let service = try await Service(files: settings)
        let peer = try await service.client(try await service.starter())
        _ = try await peer.publish("00000001")
        _ = try await peer.publish("00000002")
        #expect(try await ask(peer, "00000001", bytes: 3))
        #expect(try await !ask(peer, "00000002", bytes: 3))
        service.clock.advance(seconds: settings.uploadSeconds + 1)
        let again = try await service.client(try await service.starter())
        #expect(try await ask(again, "00000002", bytes: 3))
    }

    @Test func anUploadThatExpiredIsNotCompleted() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        let ready = try await peer.ask(
            ["type": "registry_upload", "model_id": "00000001", "files": Self.files(3)])
        let key = try #require(BlobKey("models/\(starter.room.id)/00000001/best.ckpt"))
        try await service.store.blobs.store([1, 2, 3], at: key)
        service.clock.advance(seconds: FileSettings().uploadSeconds)
        let reply = try await peer.ask(
            ["type": "registry_upload_complete", "upload_id": ready["upload_id"] ?? .null])
        #expect(reply["code"] == "INVALID_MESSAGE")
    }
}
