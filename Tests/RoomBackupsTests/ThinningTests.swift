import RoomCore
import RoomStorage
import Synchronization
import Testing

@testable import RoomBackups

@Suite struct ThinningTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let epoch = Epoch(trusted: "e")
    private let stored = RoomIndex.Stored(size: 1, sha256: Digest(trusted: String(repeating: "a", count: 64)))

    /// A snapshot of revision 0, 10, 20… at each age, oldest first, and a segment up to each and one beyond.
    private func index(ages: [Int64]) -> RoomIndex {
        var index = RoomIndex(room: RoomID(trusted: "r"), updatedAt: now)
        for (number, age) in ages.enumerated() {
            let written = now.advanced(bySeconds: -age)
            index.snapshots.append(
                RoomIndex.Snapshot(
                    epoch: epoch, revision: Revision(number * 10), at: written, writtenAt: written, stored: stored))
            index.segments.append(
                RoomIndex.Segment(
                    epoch: epoch, from: Revision(number * 10 + 1), to: Revision(number * 10 + 10), at: written,
                    stored: stored))
        }
        return index
    }

    private func kept(_ ages: [Int64], _ thinning: Thinning = Thinning()) -> [Int] {
        var index = index(ages: ages)
        _ = thinning.thin(&index, at: now)
        return index.snapshots.map(\.revision.number)
    }

    @Test func everythingOfTheLastDayIsKept() {
        #expect(kept((0..<100).reversed().map { $0 * 60 }) == (0..<100).map { $0 * 10 })
    }

    @Test func oneAnHourIsKeptForAWeek() {
        // Two days ago, every ten minutes of three hours that begin on the hour.
        let start = Int64(2 * 86_400) + 3 * 3_600
        let ages = (0..<18).map { start - Int64($0) * 600 } + [0]
        #expect(kept(ages) == [50, 110, 170, 180])
    }

    @Test func oneADayIsKeptForAYearAndThenNone() {
        let day: Int64 = 86_400
        let ages = [400 * day, 30 * day, 30 * day - 60, 20 * day, 0]
        #expect(kept(ages) == [20, 30, 40])
    }

    @Test func theNewestIsKeptHoweverOld() {
        #expect(kept([900 * 86_400, 800 * 86_400]) == [10])
    }

    @Test func segmentsThatLeadOnFromTheLastDayStayAndOlderOnesGo() {
        let day: Int64 = 86_400
        var index = index(ages: [3 * day, 2 * day, day + 60, 60, 0])
        let dropped = Thinning().thin(&index, at: now)
        #expect(index.segments.map(\.from.number) == [21, 31, 41])
        #expect(
            dropped.map(\.path).sorted() == [
                "rooms/r/e/changes/000000000001-000000000010.jsonl.gz",
                "rooms/r/e/changes/000000000011-000000000020.jsonl.gz",
            ])
    }

    @Test func twoDossiersStay() {
        var index = index(ages: [0])
        index.dossiers = (1...4).map { RoomIndex.Dossier(version: $0, stored: stored) }
        let dropped = Thinning().thin(&index, at: now)
        #expect(index.dossiers.map(\.version) == [3, 4])
        #expect(dropped.count == 2)
    }

    @Test(arguments: Bucket.all, [true, false])
    func aRoomDeletedLongAgoIsLetGoWithItsFilesIfTheRecordHasForgottenIt(
        _ bucket: Bucket, isForgotten: Bool
    ) async throws {
        let bench = try await Bench(bucket)
        let rooms = [try await bench.makeRoom("room-1"), try await bench.makeRoom("room-12")]
        for room in rooms { try await bench.publish(2, in: room) }
        let file = try #require(BlobKey("models/room-1/00000001/best.ckpt"))
        let others = try #require(BlobKey("models/room-12/00000001/best.ckpt"))
        for key in [file, others] { try await bench.blobs.store([1, 2, 3], at: key) }
        var settings = BackupSettings()
        settings.folders = { ["models/\($0)/"] }
        let writer = bench.writer(settings: settings)
        try await writer.step()
        try await bench.record.deleteRoom(rooms[0])
        try await writer.step()
        // As long as anything is kept of those days, the room can come back.
        bench.advance(364 * 86_400)
        try await writer.step()
        await writer.collection?.value
        #expect(try await bench.index(rooms[0]).deletedAt != nil)
        #expect(try await bench.blobs.load(file) != nil)
        bench.advance(2 * 86_400)
        if isForgotten { try await bench.record.forgetDeletion(of: rooms[0], before: Timestamp(microseconds: .max)) }
        try await writer.step()
        await writer.collection?.value
        #expect(try await bench.blobs.list(prefix: "rooms/room-1/", after: nil, limit: 10) == [])
        // Files of a room that the record remembers are the check's to collect.
        #expect(try await (bench.blobs.load(file) == nil) == isForgotten)
        #expect(try await bench.blobs.load(others) != nil)
        #expect(try await bench.reader.open(rooms[1]).opened.manifest.liveCount == 2)
    }

    @Test func aRoomThatIsInTheRecordAgainIsKeptHoweverLongAgoItWasDeleted() async throws {
        let bench = try await Bench()
        let room = try await bench.makeRoom()
        try await bench.publish(2, in: room)
        try await bench.writer().step()
        try await bench.record.deleteRoom(room)
        try await bench.writer().step()
        bench.advance(366 * 86_400)
        _ = try await bench.restorer.restore(room, at: .newest)
        let collection = DeletedRooms(
            blobs: bench.blobs, manifests: bench.record, upkeep: bench.record, settings: BackupSettings(),
            now: bench.clock())
        #expect(try await collection.collect() == [])
        #expect(try await bench.index(room).deletedAt != nil)
    }

    /// A room that was deleted so long ago that nothing of it need be kept, with its backups.
    private func forgotten(_ bucket: Bucket) async throws -> (Bench, RoomID) {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.publish(2, in: room)
        try await bench.writer().step()
        try await bench.record.deleteRoom(room)
        try await bench.writer().step()
        bench.advance(366 * 86_400)
        return (bench, room)
    }

    @Test(arguments: Bucket.all) func aRoomThatComesBackWhileItIsLetGoKeepsWhatIsLeft(_ bucket: Bucket) async throws {
        let (bench, room) = try await forgotten(bucket)
        let before = try await bench.blobs.list(prefix: "rooms/", after: nil, limit: 100)
        let looks = Atomic(0)
        let collection = DeletedRooms(
            blobs: bench.blobs, manifests: bench.record, upkeep: bench.record, settings: BackupSettings(),
            now: bench.clock(),
            goesOn: {
                // The first look is before the room is marked, the second before anything goes.
                if looks.add(1, ordering: .relaxed).newValue == 2 { _ = try await bench.makeRoom() }
                return true
            })
        #expect(try await collection.collect() == [])
        #expect(try await bench.blobs.list(prefix: "rooms/", after: nil, limit: 100) == before)
        // Its next backup begins anew, and takes the mark away.
        try await bench.publish(1, in: room)
        try await bench.writer().step()
        let index = try await bench.index(room)
        #expect(!index.isCollecting && index.deletedAt == nil)
        #expect(try await bench.reader.open(room).opened.manifest.liveCount == 1)
    }

    @Test(arguments: Bucket.all) func aRoomThatIsLetGoIsNoneForWhoRestoresAndNoDamage(_ bucket: Bucket) async throws {
        let (bench, room) = try await forgotten(bucket)
        let collection = DeletedRooms(
            blobs: bench.blobs, manifests: bench.record, upkeep: bench.record, settings: BackupSettings(),
            now: bench.clock(),
            goesOn: {
                if try await bench.index(room).isCollecting {
                    await #expect(throws: BackupFault.noSuchRoom(room)) {
                        try await bench.restorer.restore(room, at: .newest)
                    }
                    let report = try await bench.wiped().restorer.restoreAll()
                    #expect(report.deleted == 1 && report.lost == [])
                    #expect(try await bench.reader.verify().flatMap(\.damage) == [])
                }
                return true
            })
        #expect(try await collection.collect() == [room])
        #expect(try await bench.blobs.list(prefix: "rooms/", after: nil, limit: 100) == [])
    }

    @Test func oneServerOfAllLooksAfterDeletedRoomsInEachInterval() async throws {
        let (bench, room) = try await forgotten(.directory)
        let (one, two) = (bench.writer("one"), bench.writer("two"))
        bench.advance(3_600)
        try await one.step()
        await one.collection?.value
        #expect(try await bench.reader.index(of: room) == nil)
        let end = try #require(try await bench.record.end(of: .collectBackups))
        #expect(end == bench.clock())
        bench.advance(3_599)
        try await two.step()
        await two.collection?.value
        #expect(try await bench.record.end(of: .collectBackups) == end)
        // One that was passed over by a server is due for it an interval later, whoever was first.
        bench.advance(3_600)
        try await two.step()
        await two.collection?.value
        #expect(try await bench.record.end(of: .collectBackups) == bench.clock())
    }

    @Test func aCollectionThatFailsHoldsNoBackupUpAndIsNotTriedAtEveryStep() async throws {
        let bench = try await Bench()
        let room = try await bench.makeRoom()
        try await bench.publish(1, in: room)
        let blobs = FailingLists(bench.blobs)
        let writer = bench.writer(over: blobs)
        try await writer.step()
        bench.advance(3_600)
        blobs.fail()
        try await bench.publish(1, in: room)
        try await writer.step()
        await writer.collection?.value
        #expect(blobs.failures == 1)
        #expect(try await bench.index(room).segments.last?.to == Revision(2))
        try await writer.step()
        await writer.collection?.value
        #expect(blobs.failures == 1)
        #expect(writer.state == .reachable)
    }

    @Test func whoIsNoLongerTheOneToDoItStops() async throws {
        let (bench, room) = try await forgotten(.directory)
        let looks = Atomic(0)
        let collection = DeletedRooms(
            blobs: bench.blobs, manifests: bench.record, upkeep: bench.record, settings: BackupSettings(),
            now: bench.clock(),
            goesOn: { looks.add(1, ordering: .relaxed).newValue < 2 })
        #expect(try await collection.collect() == [])
        let next = DeletedRooms(
            blobs: bench.blobs, manifests: bench.record, upkeep: bench.record, settings: BackupSettings(),
            now: bench.clock())
        #expect(try await next.collect() == [room])
    }
}
