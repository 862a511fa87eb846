import EmbeddedStorage
import Glibc
import Testing

@Suite struct DataDirectoryTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func theDirectoryIsMadeForItsOwnerAloneWithThoseAboveIt() throws {
        let data = try DataDirectory(at: scratch.file("deep/er/data//"))
        #expect(data.path == scratch.file("deep/er/data"))
        #expect(!data.isOpenToOthers)
        for path in [data.path, data.blobsPath, data.keysPath] { #expect(try permissions(of: path) == 0o700) }
        _ = try DataDirectory(at: data.path)
    }

    @Test func aDirectoryOthersMayLookIntoIsPointedOut() throws {
        try #require(chmod(scratch.path, 0o750) == 0)
        #expect(try DataDirectory(at: scratch.path).isOpenToOthers)
    }

    @Test func aFileInPlaceOfTheDirectoryIsRefused() throws {
        let path = scratch.file("data")
        try writeFile(path, [])
        #expect(throws: DataDirectoryError.notADirectory(path)) { try DataDirectory(at: path) }
        #expect(throws: DataDirectoryError.self) { try DataDirectory(at: path + "/inner") }
    }

    @Test func aPlaceThatCannotBeWrittenIsRefusedWithARemedy() {
        let error = #expect(throws: DataDirectoryError.self) { try DataDirectory(at: "/proc/data") }
        #expect(error?.description.contains("name another place") == true)
    }

    @Test func aDirectoryIsServedByOneAtATime() throws {
        let data = try DataDirectory(at: scratch.path)
        var lock: ServingLock? = try data.serve()
        #expect(lock != nil)
        let refusal = DataDirectoryError.alreadyServed(path: scratch.path, pid: getpid())
        #expect(throws: refusal) { try data.serve() }
        #expect(refusal.description.contains("process \(getpid())"))
        lock = nil
        _ = try data.serve()
    }

    @Test func aLockFileLeftBehindMeansNothing() throws {
        let data = try DataDirectory(at: scratch.path)
        try writeFile(data.lockPath, Array("1234567890123\n".utf8))
        _ = try data.serve()
    }

    @Test func aSecretIsForItsOwnerAlone() throws {
        let data = try DataDirectory(at: scratch.file("data"))
        try data.storeSecret([1, 0, 255], named: "signing.key")
        #expect(try permissions(of: "\(data.keysPath)/signing.key") == 0o600)
        #expect(try data.secret(named: "signing.key") == StoredSecret(bytes: [1, 0, 255], isReadableByOthers: false))
        #expect(try data.secret(named: "absent") == nil)
    }

    @Test func aSecretOthersMayReadIsPointedOut() throws {
        let data = try DataDirectory(at: scratch.file("data"))
        try data.storeSecret([1], named: "k")
        try #require(chmod("\(data.keysPath)/k", 0o640) == 0)
        #expect(try data.secret(named: "k")?.isReadableByOthers == true)
        // Storing it again gives it a file of its own.
        try data.storeSecret([2], named: "k")
        #expect(try data.secret(named: "k") == StoredSecret(bytes: [2], isReadableByOthers: false))
    }

    @Test(arguments: ["", ".", "..", "../k", "a/b", "ключ", "a b"])
    func aSecretHasANameOfOneSegment(_ name: String) throws {
        let data = try DataDirectory(at: scratch.file("data"))
        #expect(throws: DataDirectoryError.invalidSecretName(name)) { try data.storeSecret([1], named: name) }
        #expect(throws: DataDirectoryError.invalidSecretName(name)) { try data.secret(named: name) }
    }

    @Test func aSecretHasALimit() throws {
        let data = try DataDirectory(at: scratch.file("data"))
        let large = [UInt8](repeating: 1, count: DataDirectory.secretLimit + 1)
        let refusal = DataDirectoryError.secretTooLarge(name: "k", limit: DataDirectory.secretLimit)
        #expect(throws: refusal) { try data.storeSecret(large, named: "k") }
        try writeFile("\(data.keysPath)/k", large)
        #expect(throws: refusal) { try data.secret(named: "k") }
    }

    @Test func aLinkInPlaceOfASecretIsNotFollowed() throws {
        let data = try DataDirectory(at: scratch.file("data"))
        try #require(symlink("/etc/hostname", "\(data.keysPath)/k") == 0)
        #expect(throws: DataDirectoryError.self) { try data.secret(named: "k") }
    }

    @Test func processesThatMakeASecretAtOnceAgreeOnOne() async throws {
        let data = try DataDirectory(at: scratch.path)
        let secrets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for number in 0..<16 {
                group.addTask { try data.secret(named: "k", orMake: { [UInt8(number)] }).bytes }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(secrets).count == 1)
        #expect(try data.secret(named: "k", orMake: { [99] }).bytes == secrets[0])
    }

    private func permissions(of path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }
}
