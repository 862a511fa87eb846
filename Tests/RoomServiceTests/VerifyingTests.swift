import Cryptography
import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// Verifications whose server ended before they did.
@Suite struct VerifyingTests {
    private static let files: JSONValue = [
        ["path": "best.ckpt", "size": 3, "sha256": .string(SHA256.hex([1, 2, 3]))]
    ]

    private static var settings: FileSettings {
        var settings = FileSettings()
        // So long that no renewal comes between.
        settings.termSeconds = 3600
        return settings
    }

    /// A server that stands still while it reads an upload back, another on the same stores, and a peer there.
    private func stopped(
        holding bytes: [UInt8], onceRead: Bool = false
    ) async throws -> (one: Service, two: Service, peer: Peer, upload: JSONValue, key: BlobKey) {
        try await stand(holding: bytes, onceRead: onceRead).services
    }

    private func stand(
        holding bytes: [UInt8], onceRead: Bool
    ) async throws -> (
        services: (one: Service, two: Service, peer: Peer, upload: JSONValue, key: BlobKey), asker: Peer
    ) {
        let one = try await Service(files: Self.settings)
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two", files: Self.settings)
        let peer = try await one.client(starter, "here")
        _ = try await peer.publish("00000001")
        let ready = try await peer.ask(
            ["type": "registry_upload", "model_id": "00000001", "files": Self.files])
        let key = try #require(BlobKey("models/\(starter.room.id)/00000001/best.ckpt"))
        try await one.store.blobs.store(bytes, at: key)
        if onceRead { one.store.holdDigestsOnceRead() } else { one.store.holdDigests() }
        let upload = ready["upload_id"] ?? .null
        await peer.say(["type": "registry_upload_complete", "upload_id": upload, "request_id": "left-waiting"])
        try await eventually("the verification to begin") { one.store.held == 1 }
        return ((one, two, try await two.client(starter, "there"), upload, key), peer)
    }

    private func state(_ peer: Peer) async throws -> JSONValue? {
        try await peer.query("get_model_info", ["model_id": "00000001"])[path: "model", "storage", "state"]
    }

    @Test func anotherServerGoesOnOnceTheFirstIsNotHeardOfAnyMore() async throws {
        let (one, two, peer, _, _) = try await stopped(holding: [1, 2, 3])
        defer { one.store.release() }
        #expect(try await two.check.resumeVerifications() == 0)
        #expect(try await two.check.examine(.telling).verifyingUploads == 1)
        one.clock.advance(seconds: 3601)
        #expect(try await two.check.resumeVerifications() == 1)
        #expect(try await state(peer) == "stored")
        #expect(try await two.check.examine(.telling).verifyingUploads == 0)
        #expect(try await two.check.resumeVerifications() == 0)
    }

    @Test func aMismatchFoundByAnotherServerLeavesTheModelAsItWasAndTheFileToBeSentAgain() async throws {
        let (one, two, peer, upload, key) = try await stopped(holding: [9, 9, 9])
        defer { one.store.release() }
        one.clock.advance(seconds: 3601)
        #expect(try await two.check.resumeVerifications() == 1)
        #expect(try await state(peer) == "uploading")
        #expect(try await two.store.blobs.size(of: key) == nil)
        let refused = try await peer.ask(["type": "registry_upload_complete", "upload_id": upload])
        #expect(refused["code"] == "INVALID_MESSAGE")
        #expect(refused["mismatches"]?.arrayValue?.count == 1)
        let again = try await peer.ask(
            ["type": "registry_upload", "model_id": "00000001", "files": Self.files])
        #expect(again["upload_id"] == upload && again["files"]?.arrayValue?.count == 1)
        try await two.store.blobs.store([1, 2, 3], at: key)
        let stored = try await peer.ask(["type": "registry_upload_complete", "upload_id": upload])
        #expect(stored["type"] == "registry_stored")
    }

    @Test func anUploadIsVerifiedOnceAtATime() async throws {
        let ((one, two, peer, upload, key), asker) = try await stand(holding: [1, 2, 3], onceRead: false)
        defer { one.store.release() }
        let refused = try await peer.ask(["type": "registry_upload_complete", "upload_id": upload])
        #expect(refused["code"] == "UNAVAILABLE" && refused["retryable"] == true)
        #expect(try await two.store.blobs.size(of: key) == 3)
        one.store.release()
        #expect(try await asker.channel.reply(to: "left-waiting")["type"] == "registry_stored")
        let again = try await peer.ask(["type": "registry_upload_complete", "upload_id": upload])
        #expect(again["type"] == "registry_stored")
    }

    @Test func aServerThatStoodStillDeletesNoObjectThatCameMeanwhile() async throws {
        let ((one, two, peer, upload, key), asker) = try await stand(holding: [9, 9, 9], onceRead: true)
        defer { one.store.release() }
        one.clock.advance(seconds: 3601)
        #expect(try await two.check.resumeVerifications() == 1)
        #expect(try await two.store.blobs.size(of: key) == nil)
        try await two.store.blobs.store([1, 2, 3], at: key)
        let stored = try await peer.ask(["type": "registry_upload_complete", "upload_id": upload])
        #expect(stored["type"] == "registry_stored")
        one.store.release()
        let late = try await asker.channel.reply(to: "left-waiting")
        #expect(late["code"] == "UNAVAILABLE")
        #expect(try await two.store.blobs.size(of: key) == 3)
        #expect(try await state(peer) == "stored")
    }

    @Test func aVerificationIsMadeAgainAfterTheRecordCouldNotBeWritten() async throws {
        let service = try await Service(files: Self.settings)
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        let ready = try await peer.ask(
            ["type": "registry_upload", "model_id": "00000001", "files": Self.files])
        let key = try #require(BlobKey("models/\(starter.room.id)/00000001/best.ckpt"))
        try await service.store.blobs.store([1, 2, 3], at: key)
        service.manifests.fail(.unavailable)
        let refused = try await peer.ask(
            ["type": "registry_upload_complete", "upload_id": ready["upload_id"] ?? .null])
        #expect(refused["code"] == "UNAVAILABLE")
        service.manifests.fail(.none)
        service.clock.advance(seconds: 1)
        #expect(try await service.check.resumeVerifications() == 1)
        #expect(try await state(peer) == "stored")
    }
}
