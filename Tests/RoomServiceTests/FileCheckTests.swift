import Cryptography
import Foundation
import JSONWire
import Logging
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// Looking after what lies in the store.
@Suite struct FileCheckTests {
    private static let bytes: [UInt8] = [1, 2, 3]

    private func service(
        sharing other: Service? = nil, _ configure: (inout FileSettings) -> Void = { _ in }
    ) async throws -> Service {
        var settings = FileSettings()
        settings.pagePause = .zero
        settings.uploadSeconds = 1 << 32
        configure(&settings)
        return try await Service(sharing: other, server: other == nil ? "one" : "two", files: settings)
    }

    /// What was uploaded is verified: only the models speak for it now.
    private func closeUploads(_ service: Service, _ starter: Starter) async throws {
        for upload in try await service.record.uploads(in: starter.room.id) {
            _ = try await service.record.close(upload.id, expiring: upload.expiresAt)
        }
    }

    /// Makes an object look as if it had been written so long before now.
    private func age(_ service: Service, _ starter: Starter, _ rest: String, days: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)],
            ofItemAtPath: "\(service.place.path)/models/\(starter.room.id)/\(rest)@")
    }

    private func key(_ starter: Starter, _ rest: String) throws -> BlobKey {
        try #require(BlobKey("models/\(starter.room.id)/\(rest)"))
    }

    private func store(_ service: Service, _ starter: Starter, _ id: String) async throws {
        let peer = try await service.client(starter, "peer-\(id)")
        _ = try await peer.publish(id)
        let ready = try await peer.ask([
            "type": "registry_upload", "model_id": .string(id),
            "files": [["path": "best.ckpt", "size": 3, "sha256": .string(SHA256.hex(Self.bytes))]],
        ])
        try await service.store.blobs.store(Self.bytes, at: key(starter, "\(id)/best.ckpt"))
        let reply = try await peer.ask(
            ["type": "registry_upload_complete", "upload_id": ready["upload_id"] ?? .null])
        #expect(reply["type"] == "registry_stored")
    }

    /// Files carry the time of the disk: the test's own goes to so long after it.
    private func pass(_ service: Service, days: Int64) {
        let disk = Int64(Date().timeIntervalSince1970)
        service.clock.advance(seconds: disk + days * 86_400 - service.clock.now.seconds)
    }

    @Test func oneServerMendsAtATimeAndAnotherOnceItsTermIsOver() async throws {
        let service = try await service()
        let now = service.clock.now
        _ = try await service.record.grant(
            .checkFiles, to: ServerID("two"), until: now.advanced(bySeconds: 20), at: now)
        await #expect(throws: CheckFault.self) { try await service.check.examine(.mending) }
        _ = try await service.check.examine(.telling)
        service.clock.advance(seconds: 20)
        _ = try await service.check.examine(.mending)
        let later = service.clock.now
        let next = try await service.record.grant(
            .checkFiles, to: ServerID("two"), until: later.advanced(bySeconds: 20), at: later)
        #expect(next == ServerID("two"))
    }

    @Test func anotherServersCheckCountsForAllUntilTheNextIsDue() async throws {
        let one = try await service()
        let two = try await service(sharing: one)
        #expect(try await two.check.secondsToNextCheck() == nil)
        _ = try await one.check.examine(.mending)
        #expect(try await two.check.secondsToNextCheck() == 300)
        one.clock.advance(seconds: 299)
        #expect(try await two.check.secondsToNextCheck() == 1)
        one.clock.advance(seconds: 1)
        #expect(try await two.check.secondsToNextCheck() == nil)
    }

    @Test func twoPassesAreNotMadeAtOnce() async throws {
        let service = try await service { $0.pagePause = .milliseconds(300) }
        try await store(service, try await service.starter(), "00000001")
        let check = service.check
        let faults = await withTaskGroup { tasks in
            for _ in 0..<2 {
                tasks.addTask { do { _ = try await check.examine(.mending); return 0 } catch { return 1 } }
            }
            return await tasks.reduce(0, +)
        }
        #expect(faults == 1)
    }

    @Test func objectsOfADeletedRoomAreCollectedWhenItsBackupsGoAndTheRoomIsForgotten() async throws {
        let service = try await service()
        let starter = try await service.starter()
        let other = try await service.starter("bob", room: "den")
        try await store(service, starter, "00000001")
        try await store(service, other, "00000001")
        try await service.record.deleteRoom(starter.room.id)
        await service.directory.delete(starter.room.id)
        pass(service, days: 364)
        let early = try await service.check.examine(.mending)
        #expect(early.objectsOfDeletedRooms == 1 && early.collectable == 0 && early.collected == 0)
        pass(service, days: 366)
        let told = try await service.check.examine(.telling)
        #expect(told.collectable == 1 && told.collected == 0)
        #expect(try await service.check.examine(.mending).collected == 1)
        #expect(try await service.store.blobs.list(prefix: "models/", after: nil, limit: 10).count == 1)
        _ = try await service.check.examine(.mending)
        #expect(try await service.record.deletion(of: starter.room.id) == nil)
        #expect(try await service.check.examine(.telling).missing.count == 0)
    }

    @Test func aRoomThatWasSetBackKeepsItsNewerModelsObjectsForTheGraceTime() async throws {
        let service = try await service()
        let starter = try await service.starter()
        try await store(service, starter, "00000001")
        try await closeUploads(service, starter)
        try age(service, starter, "00000001/best.ckpt", days: 30)
        let start = Manifest(room: starter.room.id, epoch: Epoch(trusted: "later"), updatedAt: service.clock.now)
        #expect(
            try await service.record.restart(
                from: StoredSnapshot(
                    room: start.room, epoch: start.epoch, revision: start.revision, at: start.updatedAt,
                    body: start.recorded())))
        let next = try await self.service(sharing: service)
        pass(service, days: 6)
        let early = try await next.check.examine(.mending)
        #expect(early.orphanCount == 1 && early.collectable == 0 && early.collected == 0)
        pass(service, days: 8)
        #expect(try await next.check.examine(.mending).collected == 1)
    }

    @Test func anObjectBesideAModelsFilesIsAnOrphanAndItsFilesAreNot() async throws {
        let service = try await service()
        let starter = try await service.starter()
        try await store(service, starter, "00000001")
        try await closeUploads(service, starter)
        let beside = try key(starter, "00000001/other.ckpt")
        try await service.store.blobs.store(Self.bytes, at: beside)
        pass(service, days: 6)
        let early = try await service.check.examine(.mending)
        #expect(early.orphans.map(\.key) == [beside] && early.collected == 0)
        pass(service, days: 8)
        #expect(try await service.check.examine(.mending).collected == 1)
        #expect(try await service.store.blobs.size(of: beside) == nil)
        #expect(try await service.store.blobs.size(of: key(starter, "00000001/best.ckpt")) == 3)
    }

    @Test func objectsOfAnUploadThatWasAbandonedAreOrphans() async throws {
        let service = try await service { $0.uploadSeconds = 86_400 }
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        _ = try await peer.ask([
            "type": "registry_upload", "model_id": "00000001",
            "files": [["path": "best.ckpt", "size": 3, "sha256": .string(SHA256.hex(Self.bytes))]],
        ])
        try await service.store.blobs.store(Self.bytes, at: key(starter, "00000001/best.ckpt"))
        #expect(try await service.check.examine(.mending).orphanCount == 0)
        pass(service, days: 8)
        #expect(try await service.check.examine(.mending).abandonedUploads == 1)
        #expect(try await service.check.examine(.mending).collected == 1)
    }

    @Test func objectsOfARoomTheRecordNeverHadStay() async throws {
        let service = try await service()
        let key = try #require(BlobKey("models/no-such-room/00000001/best.ckpt"))
        try await service.store.blobs.store(Self.bytes, at: key)
        pass(service, days: 1_000)
        let report = try await service.check.examine(.mending)
        #expect(report.objectsOfUnknownRooms == 1 && report.collected == 0)
        #expect(try await service.store.blobs.size(of: key) == 3)
    }

    @Test func partsThatNoUploadKnowsAreDroppedAfterTheGraceTime() async throws {
        let service = try await service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        // Larger than what is sent whole, so that parts are begun.
        _ = try await peer.ask([
            "type": "registry_upload", "model_id": "00000001",
            "files": [["path": "best.ckpt", "size": 200, "sha256": .string(SHA256.hex(Self.bytes))]],
        ])
        let known = try #require(try await service.record.uploads(in: starter.room.id).first?.files.first)
        let parts = try #require(known.parts)
        let stray = try await service.store.beginParts(of: key(starter, "00000002/best.ckpt"))
        pass(service, days: 6)
        #expect(try await service.check.examine(.mending).strayParts == 0)
        pass(service, days: 8)
        let told = try await service.check.examine(.telling)
        #expect(told.strayParts == 1 && told.strayPartsCollected == 0)
        #expect(try await service.check.examine(.mending).strayPartsCollected == 1)
        #expect(try await service.store.storedParts(of: stray, at: known.key) == nil)
        #expect(try await service.store.storedParts(of: parts, at: known.key) != nil)
    }

    @Test func withoutTheRightToListPartsAllElseIsChecked() async throws {
        let service = try await service()
        let starter = try await service.starter()
        try await service.store.blobs.store([1, 2, 3], at: key(starter, "00000009/best.ckpt"))
        service.store.refuseLists()
        let report = try await service.check.examine(.mending)
        #expect(report.partsRefused == "no right to list" && report.orphanCount == 1)
        #expect(String(decoding: report.json.encoded(), as: UTF8.self).contains(#""parts_refused":"no right to list""#))
        #expect(report.sentence.contains("no right to list"))
    }

    @Test func aReportNamesAHundredAndCountsAll() async throws {
        let service = try await service()
        let starter = try await service.starter()
        for number in 0..<130 {
            try await service.store.blobs.store([1], at: key(starter, "000000ff/\(number).ckpt"))
        }
        let report = try await service.check.examine(.telling)
        #expect(report.orphanCount == 130 && report.orphanBytes == 130)
        #expect(report.orphans.count == 100)
    }

    @Test func aCheckKeepsNoRoomInMemory() async throws {
        let service = try await service()
        for number in 0..<5 { _ = try await service.starter("user-\(number)", room: "room-\(number)") }
        #expect(try await service.check.examine(.mending).roomsChecked == 5)
        #expect(service.directory.loadedRooms.isEmpty)
    }
}
