import RoomCore
import RoomStorage
import Testing

@testable import RoomBackups

@Suite struct RestoringTests {
    @Test(arguments: Bucket.all) func aWipedRecordIsRestoredAsItWas(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let rooms = [try await bench.makeRoom("room-1"), try await bench.makeRoom("room-2")]
        let token = WorkerToken(
            hash: SecretHash(trusted: String(repeating: "b", count: 64)), room: rooms[0],
            worker: WorkerName(trusted: "gpu"), createdBy: UserID(trusted: "u1"), createdAt: Timestamp(seconds: 5),
            expiresAt: Timestamp(seconds: 9), revokedAt: nil)
        try await bench.record.createWorkerToken(token)
        let key = AccountKey(
            hash: SecretHash(trusted: String(repeating: "c", count: 64)), user: UserID(trusted: "u1"), name: "k",
            createdAt: Timestamp(seconds: 5), expiresAt: nil, revokedAt: Timestamp(seconds: 8))
        try await bench.record.createAccountKey(key)
        for room in rooms { try await bench.publish(7, in: room) }
        let writer = bench.writer()
        try await writer.step()
        bench.advance(3)
        try await bench.publish(4, in: rooms[1])
        try await writer.step()

        let wiped = try await bench.wiped()
        #expect(try await wiped.restorer.hasRooms())
        try await wiped.installation().settle()
        let report = try await wiped.restorer.restoreAll()
        #expect(report.rooms == 2 && report.models == 18 && report.users == 1)
        #expect(report.damage == [] && report.lost == [] && report.standing == [])
        for room in rooms {
            let (was, now) = (try await bench.manifest(room), try await wiped.manifest(room))
            #expect(contents(now) == contents(was))
            #expect(now.aliases == was.aliases)
            #expect(now.newestVersions == was.newestVersions)
            #expect(now.revision == was.revision)
            #expect(now.updatedAt == was.updatedAt)
            // What did not reach the bucket may have been seen: the history is another one.
            #expect(now.epoch != was.epoch)
            #expect(try await wiped.record.room(room) == (try await bench.record.room(room)))
            #expect(try await wiped.record.members(of: room) == (try await bench.record.members(of: room)))
        }
        #expect(try await wiped.record.workerToken(token.hash) == token)
        #expect(try await wiped.record.accountKey(key.hash) == key)
        // And it goes on, backups included.
        try await wiped.publish(1, in: rooms[0])
        try await wiped.writer().step()
        #expect(try await wiped.reader.verify().flatMap(\.damage) == [])
        #expect(try await wiped.reader.open(wiped.index(rooms[0])).manifest.revision == Revision(8))
    }

    @Test(arguments: Bucket.all) func aDryRunChangesNothing(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.publish(3, in: room)
        try await bench.writer().step()
        let wiped = try await bench.wiped()
        #expect(try await wiped.restorer.restoreAll(dryRun: true).models == 3)
        #expect(try await wiped.record.isEmpty())
        let report = try await bench.restorer.restore(room, at: .revision(Revision(1)), dryRun: true)
        #expect(report.models == 1)
        #expect(try await bench.record.head(of: room)?.revision == Revision(3))
    }

    @Test(arguments: Bucket.all) func aDeletedRoomDoesNotReturnUnlessAskedForByName(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await bench.publish(3, in: room)
        try await writer.step()
        try await bench.record.deleteRoom(room)
        try await writer.step()
        let wiped = try await bench.wiped()
        let report = try await wiped.restorer.restoreAll()
        #expect(report.rooms == 0 && report.deleted == 1)
        #expect(try await wiped.record.room(room) == nil)
        _ = try await bench.restorer.restore(room, at: .newest)
        #expect(try await bench.manifest(room).liveCount == 3)
        try await writer.step()
        #expect(try await bench.index(room).deletedAt == nil)
    }

    @Test(arguments: Bucket.all) func aRoomIsRestoredAtARevisionOrAMoment(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await bench.publish(2, in: room)
        let moment = bench.clock()
        try await writer.step()
        bench.advance(100)
        try await bench.publish(3, in: room)
        try await writer.step()
        _ = try await bench.restorer.restore(room, at: .revision(Revision(4)))
        #expect(try await bench.manifest(room).liveCount == 4)
        try await writer.step()
        _ = try await bench.restorer.restore(room, at: .moment(moment))
        #expect(try await bench.manifest(room).liveCount == 2)
        bench.advance(1)
        try await writer.step()
        // The first epoch is still there to return to.
        _ = try await bench.restorer.restore(room, at: .revision(Revision(5)))
        #expect(try await bench.manifest(room).liveCount == 5)
        await #expect(throws: BackupFault.self) {
            try await bench.restorer.restore(room, at: .revision(Revision(99)))
        }
        await #expect(throws: BackupFault.noSuchRoom(RoomID(trusted: "none"))) {
            try await bench.restorer.restore(RoomID(trusted: "none"), at: .newest)
        }
    }

    @Test(arguments: Bucket.all) func aRoomIsRestoredIntoANewOneOfItsOwner(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.publish(3, in: room)
        try await bench.writer().step()
        let report = try await bench.restorer.restore(room, at: .revision(Revision(2)), into: "as it was")
        #expect(report.room != room)
        #expect(try await bench.record.room(report.room)?.name == "as it was")
        #expect(try await bench.record.members(of: report.room).map(\.role) == [.owner])
        #expect(try await bench.manifest(report.room).liveCount == 2)
        #expect(try await bench.manifest(room).liveCount == 3)
    }

    @Test(arguments: Bucket.all) func manyRoomsAreRestored(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        var rooms: [RoomID] = []
        for number in 0..<200 { rooms.append(try await bench.makeRoom("room-\(number)")) }
        for room in rooms { try await bench.publish(20, in: room) }
        try await bench.writer().step()
        let wiped = try await bench.wiped()
        let report = try await wiped.restorer.restoreAll()
        #expect(report.rooms == 200 && report.models == 4_000 && report.damage == [])
        #expect(try await wiped.record.roomIDs(after: nil, limit: 1_000).count == 200)
    }
}
