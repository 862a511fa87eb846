import RoomCore
import RoomStorage
import Testing

/// The duties of ``FileTransfers``.
package enum FileTransferDuties {
    package static let all: [Duty<FileTransfersUnderTest>] = whole + inParts

    static let whole: [Duty<FileTransfersUnderTest>] = [
        Duty("a file that is put by its address is loaded, described and got by its address") { it in
            let key = try freshKey("models/weights.h5")
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let up = try await it.transfers.uploadAddress(
                for: key, size: bytes.count, sha256: it.sha256(bytes), expiry: it.soon)
            #expect(try await it.send(up, bytes).isSuccess)
            #expect(try await it.blobs.load(key) == bytes)
            let down = try await it.transfers.downloadAddress(for: key, expiry: it.soon)
            let answer = try await it.send(down, nil)
            #expect(answer.isSuccess && answer.body == bytes)
            #expect(try await it.transfers.verification(of: key)?.size == bytes.count)
        },
        Duty("what a store verified is the digest of the file") { it in
            let key = try freshKey("verified")
            let bytes: [UInt8] = [1, 2, 3]
            let up = try await it.transfers.uploadAddress(
                for: key, size: 3, sha256: it.sha256(bytes), expiry: it.soon)
            #expect(try await it.send(up, bytes).isSuccess)
            let verification = try #require(try await it.transfers.verification(of: key))
            #expect(verification.sha256 ?? it.sha256(bytes) == it.sha256(bytes))
        },
        Duty("a file read back has its digest") { it in
            let key = try freshKey("hashed")
            let bytes = [UInt8](repeating: 7, count: 300_000)
            try await it.blobs.store(bytes, at: key)
            let digest = try #require(try await it.transfers.digest(of: key))
            #expect(digest.size == bytes.count)
            #expect(digest.sha256 == it.sha256(bytes))
        },
        Duty("where there is no file there is nothing to tell") { it in
            let key = try freshKey("absent")
            #expect(try await it.transfers.verification(of: key) == nil)
            #expect(try await it.transfers.digest(of: key) == nil)
            let down = try await it.transfers.downloadAddress(for: key, expiry: it.soon)
            #expect(try await it.send(down, nil).status == 404)
        },
    ]

    static let inParts: [Duty<FileTransfersUnderTest>] = [
        Duty("an upload that broke off goes on from the parts that arrived") { it in
            let file = try PartedFile(it, megabytes: 12, partSize: 5 << 20)
            let parts = try await it.transfers.beginParts(of: file.key)
            try await file.send(file.ranges[0], of: parts)
            try await file.send(file.ranges[2], of: parts)
            let arrived = try #require(try await it.transfers.storedParts(of: parts, at: file.key))
            #expect(arrived.map(\.number) == [1, 3])
            #expect(arrived.map(\.size) == [5 << 20, 2 << 20])
            #expect(try await it.transfers.verification(of: file.key) == nil)
            try await file.send(file.ranges[1], of: parts)
            let all = try #require(try await it.transfers.storedParts(of: parts, at: file.key))
            try await it.transfers.finishParts(parts, at: file.key, from: all)
            let digest = try #require(try await it.transfers.digest(of: file.key))
            #expect(digest.size == file.bytes.count && digest.sha256 == it.sha256(file.bytes))
        },
        Duty("finishing again is no error") { it in
            let file = try PartedFile(it, megabytes: 1, partSize: 5 << 20)
            let parts = try await it.transfers.beginParts(of: file.key)
            try await file.send(file.ranges[0], of: parts)
            let all = try #require(try await it.transfers.storedParts(of: parts, at: file.key))
            try await it.transfers.finishParts(parts, at: file.key, from: all)
            try await it.transfers.finishParts(parts, at: file.key, from: all)
            #expect(try await it.blobs.size(of: file.key) == file.bytes.count)
        },
        Duty("a part sent again takes the place of the first") { it in
            let file = try PartedFile(it, megabytes: 1, partSize: 5 << 20)
            let parts = try await it.transfers.beginParts(of: file.key)
            let range = PartRange(number: 1, offset: 0, size: 3)
            let first = try await it.transfers.partAddress(range, of: parts, at: file.key, expiry: it.soon)
            #expect(try await it.send(first, [1, 2, 3]).isSuccess)
            try await file.send(file.ranges[0], of: parts)
            let all = try #require(try await it.transfers.storedParts(of: parts, at: file.key))
            #expect(all.map(\.size) == [1 << 20])
            try await it.transfers.finishParts(parts, at: file.key, from: all)
            #expect(try await it.blobs.load(file.key) == file.bytes)
        },
        Duty("an abandoned upload is not known any more, and leaves nothing") { it in
            let file = try PartedFile(it, megabytes: 1, partSize: 5 << 20)
            let parts = try await it.transfers.beginParts(of: file.key)
            try await file.send(file.ranges[0], of: parts)
            let all = try #require(try await it.transfers.storedParts(of: parts, at: file.key))
            try await it.transfers.abandonParts(parts, at: file.key)
            try await it.transfers.abandonParts(parts, at: file.key)
            #expect(try await it.transfers.storedParts(of: parts, at: file.key) == nil)
            await #expect(throws: StoreError.self) {
                try await it.transfers.finishParts(parts, at: file.key, from: all)
            }
            #expect(try await it.blobs.size(of: file.key) == nil)
        },
        Duty("an upload is unfinished until it is finished or abandoned, and is told of with its key") { it in
            let (one, two) = (
                try PartedFile(it, megabytes: 1, partSize: 5 << 20), try PartedFile(it, megabytes: 1, partSize: 5 << 20)
            )
            let first = try await it.transfers.beginParts(of: one.key)
            let second = try await it.transfers.beginParts(of: two.key)
            try await one.send(one.ranges[0], of: first)
            let both = try await it.unfinished(prefix: "")
            #expect(Set(both.map(\.parts)).isSuperset(of: [first, second]))
            #expect(both.allSatisfy { $0.changedAt > Timestamp(seconds: 1_000_000_000) })
            let keys = both.filter { $0.parts == first }.map(\.key)
            #expect(keys == [nil] || keys == [one.key])
            let all = try #require(try await it.transfers.storedParts(of: first, at: one.key))
            try await it.transfers.finishParts(first, at: one.key, from: all)
            try await it.transfers.abandon(try #require(both.first { $0.parts == second }))
            let left = try await it.unfinished(prefix: "")
            #expect(!left.contains { $0.parts == first || $0.parts == second })
            #expect(try await it.transfers.storedParts(of: second, at: two.key) == nil)
        },
        Duty("the rule cuts every size it allows into parts it allows") { it in
            let rule = it.transfers.partRule
            for size in [0, 1, rule.partSize, rule.partSize + 1, rule.wholeLimit, rule.sizeLimit] {
                let parts = try #require(rule.parts(ofSize: size))
                #expect((1...rule.partLimit).contains(parts.count))
                #expect(parts.map(\.number) == Array(1...parts.count))
                #expect(parts.reduce(0) { $0 + $1.size } == size)
                #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.offset + $0.size == $1.offset })
            }
            #expect(rule.parts(ofSize: rule.sizeLimit + 1) == nil)
            #expect(rule.parts(ofSize: -1) == nil)
        },
    ]
}

/// A file under a key of its own, in parts.
private struct PartedFile: Sendable {
    let it: FileTransfersUnderTest
    let key: BlobKey
    let bytes: [UInt8]
    let ranges: [PartRange]

    init(_ it: FileTransfersUnderTest, megabytes: Int, partSize: Int) throws {
        self.it = it
        key = try freshKey("parted")
        bytes = (0..<megabytes << 20).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 9) }
        let rule = PartRule(wholeLimit: 0, partSize: partSize, partLimit: 100, sizeLimit: 1 << 30)
        ranges = try #require(rule.parts(ofSize: bytes.count))
    }

    func send(_ range: PartRange, of parts: PartsID) async throws {
        let address = try await it.transfers.partAddress(range, of: parts, at: key, expiry: it.soon)
        let piece = Array(bytes[range.offset..<range.offset + range.size])
        #expect(try await it.send(address, piece).isSuccess)
    }
}
