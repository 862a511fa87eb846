import RoomCore
import RoomStorage
import Testing

@testable import RoomBackups

@Suite struct DamageTests {
    /// A room at revision 8 with snapshots at 0, 2 and 6, and segments to 2, 6 and 8.
    private func bench(_ bucket: Bucket) async throws -> (Bench, RoomID) {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        for _ in 0..<3 {
            try await bench.publish(2, in: room)
            try await writer.step()
            bench.advance(1)
        }
        try await writer.drain()
        bench.advance(1)
        try await bench.publish(2, in: room)
        try await writer.step()
        let index = try await bench.index(room)
        #expect(index.snapshots.map(\.revision.number) == [0, 2, 6])
        #expect(index.segments.map(\.to.number) == [2, 6, 8])
        return (bench, room)
    }

    private func cut(_ key: BlobKey, in bench: Bench) async throws {
        let bytes = try await bench.load(key)
        try await bench.blobs.store(Array(bytes.prefix(bytes.count / 2)), at: key)
    }

    @Test(arguments: Bucket.all) func aTruncatedSnapshotIsPassedOverForTheOneBeforeLoudly(_ bucket: Bucket) async throws
    {
        let (bench, room) = try await bench(bucket)
        let index = try await bench.index(room)
        try await cut(BackupLayout.snapshot(of: room, index.snapshots[2]), in: bench)
        let opened = try await bench.reader.open(index)
        #expect(opened.manifest.revision == Revision(8))
        #expect(contents(opened.manifest) == contents(try await bench.manifest(room)))
        #expect(opened.damage.count == 1 && opened.damage[0].contains("snapshots/000000000006"))
        let wiped = try await bench.wiped()
        let report = try await wiped.restorer.restoreAll()
        #expect(report.models == 8 && report.damage.count == 1)
    }

    @Test(arguments: Bucket.all) func bytesOfAnotherChecksumAreNotBelieved(_ bucket: Bucket) async throws {
        let (bench, room) = try await bench(bucket)
        let index = try await bench.index(room)
        let key = BackupLayout.snapshot(of: room, index.snapshots[2])
        // Whole and readable, but not what was written.
        try await bench.blobs.store(try await bench.load(BackupLayout.snapshot(of: room, index.snapshots[1])), at: key)
        let opened = try await bench.reader.open(index)
        #expect(opened.manifest.revision == Revision(8))
        #expect(opened.damage.count == 1)
        #expect(try await bench.reader.verify().first?.damage == ["\(key) is damaged or missing"])
    }

    @Test(arguments: Bucket.all) func aGapEndsWhatCanBeRead(_ bucket: Bucket) async throws {
        let (bench, room) = try await bench(bucket)
        var index = try await bench.index(room)
        try await cut(BackupLayout.snapshot(of: room, index.snapshots[2]), in: bench)
        try await bench.blobs.delete(BackupLayout.segment(of: room, index.segments[1]))
        let opened = try await bench.reader.open(index)
        #expect(opened.manifest.revision == Revision(2))
        #expect(opened.damage.count == 2)
        await #expect(throws: BackupFault.self) {
            try await bench.reader.open(index, at: .revision(Revision(5)))
        }
        index.segments.remove(at: 1)
        #expect(try await bench.reader.open(index).damage.contains("changes 3 to 6 are missing"))
    }

    @Test(arguments: Bucket.all) func aLostIndexIsMadeAnewFromAListing(_ bucket: Bucket) async throws {
        let (bench, room) = try await bench(bucket)
        let index = try await bench.index(room)
        for damage in [nil, Array("{".utf8)] as [[UInt8]?] {
            if let damage {
                try await bench.blobs.store(damage, at: BackupLayout.index(of: room))
            } else {
                try await bench.blobs.delete(BackupLayout.index(of: room))
            }
            let listed = try await bench.index(room)
            #expect(listed.snapshots.map(\.stored) == index.snapshots.map(\.stored))
            #expect(listed.segments == index.segments)
            #expect(listed.dossiers == index.dossiers)
            #expect(try await bench.reader.open(listed).manifest.revision == Revision(8))
            #expect(try await bench.reader.verify().first?.damage.count == 1)
        }
        try await bench.publish(1, in: room)
        try await bench.writer().step()
        #expect(try await bench.reader.verify().first?.damage == [])
    }

    @Test(arguments: Bucket.all) func whereNothingIsWholeTheRoomIsNamedAndTheOthersComeBack(_ bucket: Bucket)
        async throws
    {
        let (bench, room) = try await bench(bucket)
        let other = try await bench.makeRoom("room-2")
        try await bench.writer().step()
        for entry in try await bench.index(room).snapshots {
            try await cut(BackupLayout.snapshot(of: room, entry), in: bench)
        }
        let wiped = try await bench.wiped()
        let report = try await wiped.restorer.restoreAll()
        #expect(report.lost == [room])
        #expect(report.rooms == 1)
        #expect(try await wiped.record.room(other) != nil)
    }

    @Test(arguments: Bucket.all) func damagedPeopleArePassedOverForTheOnesBefore(_ bucket: Bucket) async throws {
        let (bench, _) = try await bench(bucket)
        _ = try await bench.record.ensureUser(
            User(id: UserID(trusted: "u2"), username: "bob", createdAt: Timestamp(seconds: 3)))
        try await bench.writer().step()
        let newest = try await bench.record.peopleVersion()
        try await cut(BackupLayout.people(newest), in: bench)
        var told = 0
        let people = try await bench.reader.people { _ in told += 1 }
        #expect(people?.users.map(\.id.text) == ["u1"])
        #expect(told == 1)
    }
}
