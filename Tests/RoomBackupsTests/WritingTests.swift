import FoundationEssentials
import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomBackups

@Suite struct WritingTests {
    @Test(arguments: Bucket.all) func changesGoIntoSegmentsAndNowAndThenASnapshot(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await bench.publish(3, in: room)
        try await writer.step()
        bench.advance(5)
        try await bench.publish(2, in: room)
        try await writer.step()
        var index = try await bench.index(room)
        #expect(index.snapshots.map(\.revision.number) == [0, 3])
        #expect(index.segments.map(\.to.number) == [3, 5])
        // A quiet room gets its snapshot in time.
        bench.advance(60)
        try await writer.step()
        index = try await bench.index(room)
        #expect(index.snapshots.map(\.revision.number) == [0, 3, 5])
        #expect(index.segments.map(\.to.number) == [3, 5])
        let before = try await bench.load(BackupLayout.index(of: room))
        bench.advance(600)
        try await writer.step()
        #expect(try await bench.load(BackupLayout.index(of: room)) == before)
        #expect(writer.ageSeconds == 0)
    }

    @Test(arguments: Bucket.all) func manyChangesGetASnapshotAtOnce(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        var settings = BackupSettings()
        settings.snapshotChanges = 10
        settings.segmentChanges = 4
        let writer = bench.writer(settings: settings)
        try await writer.step()
        bench.advance(1)
        try await bench.publish(10, in: room)
        try await writer.step()
        let index = try await bench.index(room)
        #expect(index.snapshots.map(\.revision.number) == [0, 10])
        #expect(index.segments.map(\.to.number) == [4, 8, 10])
    }

    @Test(arguments: Bucket.all) func smallSegmentsAreMergedWithTheNextSnapshot(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await writer.step()
        for _ in 0..<6 {
            bench.advance(1)
            try await bench.publish(2, in: room)
            try await writer.step()
        }
        #expect(try await bench.index(room).segments.count == 6)
        bench.advance(60)
        try await writer.step()
        let index = try await bench.index(room)
        #expect(index.segments.map(\.from.number) == [1])
        #expect(index.segments.map(\.to.number) == [12])
        let stored = try await bench.blobs.list(prefix: "rooms/room-1/first/changes/", after: nil, limit: 100)
        #expect(stored.count == 1)
        let opened = try await bench.reader.open(index, at: .revision(Revision(7)))
        #expect(opened.manifest.liveCount == 7 && opened.damage.isEmpty)
    }

    @Test func aBucketThatIsAwayIsCaughtUpWithLater() async throws {
        let bench = try await Bench()
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await writer.step()
        // Nothing can be written below a file.
        for key in try await bench.blobs.list(prefix: "rooms/", after: nil, limit: 100) {
            try await bench.blobs.delete(key)
        }
        let obstacle = "\(bench.path)/bucket/rooms"
        #expect(FileManager.default.createFile(atPath: obstacle, contents: Data([1])))
        bench.advance(1)
        try await bench.publish(2, in: room)
        bench.advance(30)
        await #expect(throws: BackupFault.self) { try await writer.step() }
        #expect(writer.ageSeconds == 30)
        try FileManager.default.removeItem(atPath: obstacle)
        try await writer.step()
        #expect(writer.ageSeconds == 0)
        #expect(try await bench.index(room).end(of: Epoch(trusted: "first")) == Revision(2))
    }

    @Test(arguments: Bucket.all) func theManifestLiesThereAsPlainJSON(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.publish(3, in: room)
        try await bench.writer().step()
        let object = try #require(
            try JSONValue.parse(await bench.load(BackupLayout.manifest(of: room)), maxDepth: 64).objectValue)
        #expect(object["version"] == "1.0")
        #expect(object["room_id"] == "room-1")
        #expect(object["models"]?.objectValue?.keys == ["00000001", "00000002", "00000003"])
        #expect(object["aliases"]?.objectValue == ["alias-3": "00000003"])
        #expect(object["updated_at"]?.stringValue != nil)
    }

    @Test(arguments: Bucket.all) func drainingWritesEverything(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await writer.step()
        bench.advance(1)
        try await bench.publish(2, in: room)
        try await writer.drain()
        #expect(try await bench.index(room).snapshots.map(\.revision.number) == [0, 2])
    }

    @Test(arguments: Bucket.all) func theEndWaitsForWhatIsUnderWayAndWritesTheRest(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        for round in 1...10 {
            let writer = bench.writer("server-\(round)")
            let running = Task { await writer.run() }
            try await bench.publish(3, in: room)
            // Somewhere in a step, elsewhere in each round.
            try await Task.sleep(for: .milliseconds(round))
            try await bench.publish(1, in: room)
            await writer.finish(within: .seconds(30))
            running.cancel()
            #expect(try await bench.record.oldestDueBackup() == nil)
            #expect(try await bench.index(room).segments.last?.to.number == round * 4)
        }
    }

    @Test(arguments: Bucket.all) func twoWritersOfOneRoomDoNoHarm(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.writer().step()
        for round in 1...5 {
            bench.advance(1)
            try await bench.publish(3, in: room)
            let settings = BackupSettings()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let backup = RoomBackup(
                            blobs: bench.blobs, source: bench.record, manifests: bench.record, settings: settings,
                            now: bench.clock())
                        _ = try await backup.write(room, forcingSnapshot: true)
                    }
                }
                try await group.waitForAll()
            }
            let index = try await bench.index(room)
            #expect(index.end(of: Epoch(trusted: "first")) == Revision(round * 3))
            #expect(index.segments.count == round)
        }
        #expect(try await bench.reader.verify().map(\.damage) == [[]])
    }

    @Test(arguments: Bucket.all) func aNewEpochBeginsWithASnapshot(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let (room, writer) = (try await bench.makeRoom(), bench.writer())
        try await bench.publish(4, in: room)
        try await writer.step()
        bench.advance(1)
        _ = try await bench.restorer.restore(room, at: .revision(Revision(2)))
        try await bench.publish(1, in: room)
        try await writer.step()
        let index = try await bench.index(room)
        let epoch = try #require(try await bench.record.head(of: room)?.epoch)
        #expect(index.epoch == epoch)
        #expect(index.end(of: epoch) == Revision(3))
        #expect(index.end(of: Epoch(trusted: "first")) == Revision(4))
    }

    @Test(arguments: Bucket.all) func aBucketOfAnotherInstallationIsRefusedUnlessTold(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        _ = try await bench.makeRoom()
        try await bench.writer().step()
        let other = try await bench.wiped()
        let room = try await other.makeRoom("room-2")
        await #expect(throws: BackupFault.self) { try await other.writer().step() }
        #expect(try await other.reader.index(of: room) == nil)
        try await other.writer(adopts: true).step()
        #expect(try await other.reader.index(of: room) != nil)
        await #expect(throws: BackupFault.self) { try await bench.writer().step() }
    }

    @Test(arguments: Bucket.all) func anEmptyBucketGetsEverythingAnew(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.publish(3, in: room)
        try await bench.writer().step()
        for key in try await bench.blobs.list(prefix: "", after: nil, limit: 1_000) {
            try await bench.blobs.delete(key)
        }
        try await bench.writer().step()
        #expect(try await bench.index(room).end(of: Epoch(trusted: "first")) == Revision(3))
    }

    @Test(arguments: Bucket.all) func aRecordThatWasSetBackDoesNotOverwriteItsBackup(_ bucket: Bucket) async throws {
        let bench = try await Bench(bucket)
        let room = try await bench.makeRoom()
        try await bench.publish(5, in: room)
        try await bench.writer().step()
        let before = try await bench.load(BackupLayout.index(of: room))
        let older = try await bench.wiped()
        _ = try await older.installation().settle()
        _ = try await older.makeRoom()
        try await older.publish(2, in: room)
        try await older.writer(adopts: true).step()
        #expect(try await bench.load(BackupLayout.index(of: room)) == before)
    }
}
