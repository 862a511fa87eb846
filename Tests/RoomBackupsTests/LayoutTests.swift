import RoomCore
import RoomStorage
import Testing

@testable import RoomBackups

@Suite struct LayoutTests {
    private let room = RoomID(trusted: "ab12")
    private let digest = Digest(trusted: String(repeating: "a", count: 64))
    private let moment = Timestamp(seconds: 1_800_000_000)

    private var index: RoomIndex {
        let stored = RoomIndex.Stored(size: 10, sha256: digest)
        var index = RoomIndex(room: room, updatedAt: moment)
        index.dossiers = [RoomIndex.Dossier(version: 3, stored: stored)]
        for (revision, epoch) in [(0, "e1"), (5, "e1"), (3, "e2")] {
            index.snapshots.append(
                RoomIndex.Snapshot(
                    epoch: Epoch(trusted: epoch), revision: Revision(revision), at: moment, writtenAt: moment,
                    stored: stored))
        }
        for (from, to, epoch) in [(1, 5, "e1"), (6, 7, "e1"), (9, 9, "e1"), (4, 6, "e2")] {
            index.segments.append(
                RoomIndex.Segment(
                    epoch: Epoch(trusted: epoch), from: Revision(from), to: Revision(to), at: moment, stored: stored))
        }
        return index
    }

    @Test func keysAreWhatIsDocumented() {
        #expect(BackupLayout.people(7).path == "people/000000000007.json.gz")
        #expect(BackupLayout.index(of: room).path == "rooms/ab12/index.json")
        #expect(
            BackupLayout.snapshot(of: room, index.snapshots[1]).path
                == "rooms/ab12/e1/snapshots/000000000005.json.gz")
        #expect(
            BackupLayout.segment(of: room, index.segments[3]).path
                == "rooms/ab12/e2/changes/000000000004-000000000006.jsonl.gz")
        #expect(
            BackupLayout.dossier(of: room, index.dossiers[0]).path == "rooms/ab12/dossier/000000000003.json.gz")
        #expect(BackupLayout.room(of: BackupLayout.index(of: room)) == room)
        #expect(BackupLayout.room(of: BackupLayout.installation) == nil)
    }

    @Test func whatLiesAfterARoomIsNotOfThatRoom() throws {
        let end = BackupLayout.end(of: room)
        #expect(try #require(BlobKey("rooms/ab12/zzz")) < end)
        #expect(try #require(BlobKey("rooms/ab12-x/a")) < end)
        #expect(try #require(BlobKey("rooms/ab120/a")) > end)
        #expect(try #require(BlobKey("rooms/ab13/a")) > end)
    }

    @Test func anIndexIsReadAsItWasWritten() throws {
        var deleted = index
        deleted.deletedAt = moment
        #expect(try RoomIndex(index.encoded(), of: room) == index)
        #expect(try RoomIndex(deleted.encoded(), of: room) == deleted)
        #expect(try RoomIndex(index.encoded(), of: RoomID(trusted: "other")) == nil)
        #expect(try RoomIndex(Array(index.encoded().dropLast(3)), of: room) == nil)
    }

    @Test func anIndexOfANewerFormatIsRefused() {
        let text = String(decoding: index.encoded(), as: UTF8.self)
            .replacing(#""format":1"#, with: #""format":99"#)
        #expect(throws: BackupFault.newerFormat(99)) { try RoomIndex(Array(text.utf8), of: room) }
    }

    @Test func anEpochEndsWhereTheFirstGapIs() {
        #expect(index.end(of: Epoch(trusted: "e1")) == Revision(7))
        #expect(index.end(of: Epoch(trusted: "e2")) == Revision(6))
        #expect(index.end(of: Epoch(trusted: "e3")) == nil)
        #expect(index.epoch == Epoch(trusted: "e2"))
    }

    @Test func packedBytesComeBackWholeOrNotAtAll() {
        let text = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let packed = Gzip.compress(text)
        #expect(packed.count < text.count / 10)
        #expect(Gzip.expand(packed) == text)
        #expect(Gzip.compress(text) == packed)
        #expect(Gzip.expand(Gzip.compress([])) == [])
        #expect(Gzip.expand(Array(packed.dropLast(1))) == nil)
        #expect(Gzip.expand(Array(packed.prefix(packed.count / 2))) == nil)
        #expect(Gzip.expand(packed + [0]) == nil)
        var altered = packed
        altered[packed.count / 2] ^= 0x10
        #expect(Gzip.expand(altered) == nil)
        #expect(Gzip.expand(packed, limit: 99_999) == nil)
        #expect(Gzip.expand([1, 2, 3]) == nil)
    }
}
