import Cryptography
import EmbeddedStorage
import RoomCore
import RoomStorage
import Synchronization
import Testing

/// Files exchanged with the directory at sealed addresses.
@Suite struct DirectoryTransfersTests {
    private let directory: ScratchDirectory
    private let blobs: DirectoryBlobs
    private let transfers: DirectoryTransfers

    private final class Clock: Sendable {
        let now = Mutex(Timestamp(seconds: 1_000))
    }
    private let clock = Clock()

    init() throws {
        directory = try ScratchDirectory()
        blobs = try DirectoryBlobs(at: directory.path)
        let clock = clock
        transfers = DirectoryTransfers(
            blobs, secret: [UInt8](repeating: 7, count: 32),
            partRule: PartRule(wholeLimit: 100, partSize: 1 << 20, partLimit: 10, sizeLimit: 1 << 30),
            base: { "http://here" }, clock: { clock.now.withLock { $0 } })
    }

    private func key(_ path: String = "models/room/00000001/best.ckpt") throws -> BlobKey {
        try #require(BlobKey(path))
    }

    private func asked(_ address: SignedAddress) throws -> AskedAddress { try AskedAddress(address) }

    private func digest(_ bytes: [UInt8]) -> Digest { Digest(trusted: SHA256.hex(bytes)) }

    private func upload(_ bytes: [UInt8], claiming: [UInt8]) async throws -> any FileArrival {
        let address = try await transfers.uploadAddress(
            for: key(), size: claiming.count, sha256: digest(claiming), expiry: Timestamp(seconds: 2_000))
        let arrival = try await transfers.receive(at: asked(address))
        for byte in bytes { try await arrival.write([byte]) }
        return arrival
    }

    @Test func aFileIsInPlaceOnceItIsFinished() async throws {
        let arrival = try await upload([1, 2, 3], claiming: [1, 2, 3])
        #expect(try await blobs.size(of: key()) == nil)
        _ = try await arrival.finish()
        #expect(try await blobs.load(key()) == [1, 2, 3])
        #expect(try await transfers.verification(of: key()) == FileVerification(size: 3, sha256: nil))
        let read = try #require(try await transfers.digest(of: key()))
        #expect(read.size == 3 && read.sha256 == digest([1, 2, 3]))
        let address = try await transfers.downloadAddress(for: key(), expiry: Timestamp(seconds: 2_000))
        let file = try await transfers.open(at: asked(address))
        #expect(try await file.read(from: 1, count: 10) == [2, 3])
    }

    @Test func whatDiffersIsRefusedAndTheOldFileStays() async throws {
        _ = try await upload([1, 2, 3], claiming: [1, 2, 3]).finish()
        await #expect(throws: ServedFileFault.wrongDigest) {
            try await upload([1, 2, 4], claiming: [1, 2, 5]).finish()
        }
        await #expect(throws: ServedFileFault.wrongSize(expected: 3, found: 2)) {
            try await upload([1, 2], claiming: [1, 2, 5]).finish()
        }
        await #expect(throws: ServedFileFault.wrongSize(expected: 3, found: 4)) {
            try await upload([1, 2, 5, 5], claiming: [1, 2, 5]).finish()
        }
        let cancelled = try await upload([1], claiming: [1])
        await cancelled.cancel()
        await #expect(throws: ServedFileFault.notFound) { try await cancelled.finish() }
        #expect(try await blobs.load(key()) == [1, 2, 3])
    }

    @Test func anAddressAllowsNothingButWhatItWasSealedFor() async throws {
        let expiry = Timestamp(seconds: 2_000)
        let put = try asked(
            try await transfers.uploadAddress(for: key(), size: 1, sha256: digest([1]), expiry: expiry))
        var forgeries: [AskedAddress] = [
            AskedAddress(method: "GET", key: put.key, query: put.query),
            AskedAddress(method: "PUT", key: "models/room/00000002/best.ckpt", query: put.query),
            AskedAddress(method: "PUT", key: "../secret", query: put.query),
            AskedAddress(method: "PUT", key: put.key, query: [:]),
        ]
        for (name, value) in [("expires", "3000"), ("size", "2"), ("sha256", digest([2]).text), ("part", "1")] {
            var query = put.query
            query[name] = value
            forgeries.append(AskedAddress(method: "PUT", key: put.key, query: query))
        }
        for forgery in forgeries {
            await #expect(throws: ServedFileFault.forged) { _ = try await transfers.receive(at: forgery) }
        }
        clock.now.withLock { $0 = expiry }
        await #expect(throws: ServedFileFault.expired) { _ = try await transfers.receive(at: put) }
    }

    private func send(_ bytes: [UInt8], part: PartRange, of parts: PartsID) async throws {
        let address = try await transfers.partAddress(
            part, of: parts, at: key(), expiry: Timestamp(seconds: 2_000))
        let arrival = try await transfers.receive(at: asked(address))
        try await arrival.write(bytes)
        _ = try await arrival.finish()
    }

    @Test func partsInAnyOrderAreJoinedAndJoiningMayBeRepeated() async throws {
        let parts = try await transfers.beginParts(of: key())
        #expect(try await transfers.storedParts(of: parts, at: key()) == [])
        try await send([4, 5], part: PartRange(number: 10, offset: 3, size: 2), of: parts)
        try await send([9, 9, 9], part: PartRange(number: 2, offset: 0, size: 3), of: parts)
        try await send([1, 2, 3], part: PartRange(number: 2, offset: 0, size: 3), of: parts)
        let stored = try #require(try await transfers.storedParts(of: parts, at: key()))
        #expect(stored.map(\.number) == [2, 10])
        #expect(stored.map(\.size) == [3, 2])
        #expect(try await blobs.list(prefix: "", after: nil, limit: 10).isEmpty)
        try await transfers.finishParts(parts, at: key(), from: stored)
        try await transfers.finishParts(parts, at: key(), from: stored)
        #expect(try await blobs.load(key()) == [1, 2, 3, 4, 5])
        #expect(try await transfers.storedParts(of: parts, at: key()) == nil)
    }

    @Test func anAbandonedUploadIsGoneAndTakesNoMoreParts() async throws {
        let parts = try await transfers.beginParts(of: key())
        try await send([1], part: PartRange(number: 1, offset: 0, size: 1), of: parts)
        try await transfers.abandonParts(parts, at: key())
        try await transfers.abandonParts(parts, at: key())
        #expect(try await transfers.storedParts(of: parts, at: key()) == nil)
        await #expect(throws: ServedFileFault.self) {
            try await send([1], part: PartRange(number: 1, offset: 0, size: 1), of: parts)
        }
    }
}

extension AskedAddress {
    /// An address of `http://here`, as it is asked for.
    init(_ address: SignedAddress) throws {
        let parts = address.url.dropFirst("http://here/files/".count).split(separator: "?")
        try #require(parts.count == 2)
        var query: [String: String] = [:]
        for pair in parts[1].split(separator: "&") {
            let sides = pair.split(separator: "=", omittingEmptySubsequences: false)
            query[String(sides[0])] = String(sides[1])
        }
        self.init(method: address.method, key: String(parts[0]), query: query)
    }
}
