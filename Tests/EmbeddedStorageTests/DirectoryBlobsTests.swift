import Glibc
import RoomStorage
import Testing

@testable import EmbeddedStorage

@Suite struct DirectoryBlobsTests {
    @Test func leftoversOfACrashAreSweptAtOpen() async throws {
        let directory = try ScratchDirectory()
        _ = try DirectoryBlobs(at: directory.path)
        let leftover = directory.file("@arriving/@new-1-1")
        try writeFile(leftover, [1, 2, 3])
        let blobs = try DirectoryBlobs(at: directory.path)
        #expect(access(leftover, F_OK) != 0)
        #expect(try await blobs.list(prefix: "", after: nil, limit: 10).isEmpty)
    }

    @Test func whatAnotherProcessIsWritingIsNotSwept() throws {
        let directory = try ScratchDirectory()
        _ = try DirectoryBlobs(at: directory.path)
        let unfinished = directory.file("@arriving/@new-1-1")
        let descriptor = open(unfinished, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
        _ = try DirectoryBlobs(at: directory.path)
        #expect(access(unfinished, F_OK) == 0)
        close(descriptor)
    }

    @Test func whoReplacesOneKeyDoesNotWaitForAnother() async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        let key = try #require(BlobKey("rooms/ab12/index.json"))
        // Every other key's turn is taken, as by a process that stopped in the middle.
        for turn in (0..<64).map({ "@replacing-\($0)" }) where turn != key.turnFile {
            let descriptor = open(directory.file("@arriving/\(turn)"), O_RDWR | O_CREAT, 0o600)
            try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
            descriptors.append(descriptor)
        }
        let tag = try #require(try await blobs.replace(key, with: [1], expecting: nil))
        #expect(try await blobs.replace(key, with: [2], expecting: tag) != nil)
        #expect(try await blobs.load(key) == [2])
    }

    @Test func aMissingDirectoryIsUnavailable() throws {
        let directory = try ScratchDirectory()
        #expect(throws: StoreError.self) { try DirectoryBlobs(at: directory.file("absent")) }
    }

    @Test func blobsAreFilesForTheirOwnerAlone() async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        try await blobs.store([1], at: try #require(BlobKey("rooms/ab12/17")))
        #expect(try permissions(of: directory.file("rooms/ab12/17@")) == 0o600)
        #expect(try permissions(of: directory.file("rooms/ab12")) == 0o700)
    }

    @Test func aLinkInPlaceOfADirectoryIsNotFollowed() async throws {
        let directory = try ScratchDirectory()
        let elsewhere = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        try writeFile(elsewhere.file("secret@"), [1])
        try #require(symlink(elsewhere.path, directory.file("linked")) == 0)
        let key = try #require(BlobKey("linked/secret"))
        await #expect(throws: StoreError.self) { _ = try await blobs.load(key) }
        await #expect(throws: StoreError.self) { try await blobs.store([2], at: key) }
        await #expect(throws: StoreError.self) { try await blobs.delete(key) }
        #expect(try readFile(elsewhere.file("secret@")) == [1])
    }

    @Test func aLinkInPlaceOfABlobIsNotFollowed() async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        try writeFile(directory.file("@elsewhere"), [1])
        try #require(symlink(directory.file("@elsewhere"), directory.file("linked@")) == 0)
        let key = try #require(BlobKey("linked"))
        await #expect(throws: StoreError.self) { _ = try await blobs.load(key) }
        // Storing puts a blob in place of the link, and leaves alone what it pointed to.
        try await blobs.store([2], at: key)
        #expect(try await blobs.load(key) == [2])
        #expect(try readFile(directory.file("@elsewhere")) == [1])
    }

    @Test func emptiedDirectoriesGoWithTheirLastBlob() async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        let keys = try ["a/b/one", "a/two"].map { try #require(BlobKey($0)) }
        for key in keys { try await blobs.store([1], at: key) }
        try await blobs.delete(keys[0])
        #expect(access(directory.file("a/b"), F_OK) != 0)
        #expect(access(directory.file("a"), F_OK) == 0)
        try await blobs.delete(keys[1])
        #expect(access(directory.file("a"), F_OK) != 0)
    }

    @Test func processesThatEmptyAndFillADirectoryDoNotStopEachOther() async throws {
        let directory = try ScratchDirectory()
        let stores = [try DirectoryBlobs(at: directory.path), try DirectoryBlobs(at: directory.path)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let key = try #require(BlobKey("a/b/\(number)"))
                    for turn in 0..<25 {
                        let blobs = stores[(number + turn) % 2]
                        try await blobs.store([UInt8(turn)], at: key)
                        #expect(try await blobs.load(key) == [UInt8(turn)])
                        try await blobs.delete(key)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await stores[0].list(prefix: "", after: nil, limit: 10).isEmpty)
    }

    @Test func strangeFilesAreNotListed() async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        for name in ["plain", "two@@", "@lost", "ключ@"] { try writeFile(directory.file(name), [1]) }
        let key = try #require(BlobKey("kept"))
        try await blobs.store([1], at: key)
        try #require(unlink(directory.file("plain")) == 0)
        #expect(try await blobs.list(prefix: "", after: nil, limit: 10) == [key])
    }

    @Test func aBlobOverTheLimitIsRefused() async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path, sizeLimit: 10)
        let key = try #require(BlobKey("k"))
        await #expect(throws: StoreError.self) { try await blobs.store(Array(0...10), at: key) }
        #expect(try await blobs.load(key) == nil)
        try await blobs.store(Array(0..<10), at: key)
        #expect(try await blobs.size(of: key) == 10)
    }

    private func permissions(of path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }
}
