import EmbeddedStorage
import Glibc
import RoomCore
import RoomStorage
import Testing

@Suite(.enabled(if: SmallDisk.isPossible, "needs the right to mount a small tmpfs (root)"))
struct DiskFullTests {
    @Test func aFullDiskRefusesWritesUntilThereIsSpaceAgain() async throws {
        let disk = try await SmallDisk(megabytes: 4)
        try writeFile(disk.file("ballast"), [UInt8](repeating: 1, count: 1 << 20))
        let record = try await openRecord(at: disk.file("record.sqlite"))
        try await record.makeRooms(1)
        let kept = try await fill(record)
        #expect(kept > 0)
        // Reads go on, and none of what was refused is there.
        #expect(try await record.revisions() == Array(1...kept))
        #expect(try await record.head(of: roomID(0))?.revision == Revision(kept))
        #expect(unlink(disk.file("ballast")) == 0)
        #expect(try await record.append(kept + 1) == .committed)
        #expect(try await record.revisions() == Array(1...(kept + 1)))
        #expect(record.counters.failedCommits > 0)
        await record.close()
        let again = try await openRecord(at: disk.file("record.sqlite"))
        #expect(try await again.revisions() == Array(1...(kept + 1)))
        await again.close()
    }

    @Test func everyWriteOfABatchThatDoesNotFitIsRefused() async throws {
        let disk = try await SmallDisk(megabytes: 4)
        let record = try await openRecord(at: disk.file("record.sqlite"))
        try await record.makeRooms(40)
        let large = [UInt8](repeating: 7, count: 200_000)
        let outcomes = await withTaskGroup(of: (Int, Result<AppendOutcome, StoreError>).self) { group in
            for number in 0..<40 {
                group.addTask {
                    await (
                        number,
                        Result { () async throws(StoreError) in
                            try await record.append(1, to: roomID(number), body: large)
                        }
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains { $0.1 != .success(.committed) })
        for (number, outcome) in outcomes {
            let isKept = try await record.revisions(of: roomID(number)) == [1]
            #expect(isKept == (outcome == .success(.committed)))
        }
        await record.close()
    }

    @Test func aBlobThatDoesNotFitLeavesTheOldOne() async throws {
        let disk = try await SmallDisk(megabytes: 2)
        let blobs = try DirectoryBlobs(at: disk.path)
        let key = try #require(BlobKey("models/weights"))
        try await blobs.store([1, 2, 3], at: key)
        let outcome = await Result { () async throws(StoreError) in
            try await blobs.store([UInt8](repeating: 9, count: 4 << 20), at: key)
        }
        guard case .failure(.unavailable(let reason)) = outcome else {
            Issue.record("the full disk was not noticed: \(outcome)")
            return
        }
        #expect(reason.contains("free some space"))
        #expect(try await blobs.load(key) == [1, 2, 3])
        // What was begun is gone, so that a smaller one fits.
        try await blobs.store([UInt8](repeating: 9, count: 1 << 20), at: key)
        #expect(try await blobs.size(of: key) == 1 << 20)
    }

    /// Appends until the disk is full, then smaller and smaller; gives how many were committed.
    private func fill(_ record: SQLiteRecord) async throws -> Int {
        var revision = 0
        for size in [100_000, 10_000, 1_000] {
            while case .success(.committed) = await Result({ () async throws(StoreError) in
                try await record.append(revision + 1, body: [UInt8](repeating: 7, count: size))
            }) { revision += 1 }
        }
        let outcome = await Result { () async throws(StoreError) in
            try await record.append(revision + 1, body: [UInt8](repeating: 7, count: 100_000))
        }
        guard case .failure(.unavailable) = outcome else {
            Issue.record("a full disk is not unavailable: \(outcome)")
            return revision
        }
        return revision
    }
}

/// A file system of a few megabytes.
final class SmallDisk: Sendable {
    let path: String
    private let directory: ScratchDirectory

    static var isPossible: Bool {
        guard geteuid() == 0, let directory = try? ScratchDirectory() else { return false }
        let mounted = system("mount -t tmpfs -o size=64k tmpfs \(directory.path) 2>/dev/null") == 0
        return mounted && system("umount \(directory.path)") == 0
    }

    init(megabytes: Int) async throws {
        directory = try ScratchDirectory()
        path = directory.path
        let mount = try ChildProcess("/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        try #require(await mount.exitCode() == 0)
    }

    /// Detached even while a file in it is open.
    deinit { umount2(path, Int32(MNT_DETACH)) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}
