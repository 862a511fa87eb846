import RoomStorage
import Testing

/// The duties of a ``BlobStore``.
package enum BlobDuties {
    package static let all: [Duty<any BlobStore>] = bytes + listings + versions

    static let bytes: [Duty<any BlobStore>] = [
        Duty("stored bytes are loaded as they were") { blobs in
            let key = try freshKey("models/0a1b2c3d/weights.h5")
            let bytes = Array(UInt8.min...UInt8.max)
            try await blobs.store(bytes, at: key)
            #expect(try await blobs.load(key) == bytes)
            #expect(try await blobs.size(of: key) == 256)
        },
        Duty("where nothing was stored there is nothing") { blobs in
            let key = try freshKey("absent")
            #expect(try await blobs.load(key) == nil)
            #expect(try await blobs.size(of: key) == nil)
            try await blobs.delete(key)
        },
        Duty("an empty blob is there") { blobs in
            let key = try freshKey("empty")
            try await blobs.store([], at: key)
            #expect(try await blobs.load(key) == [])
            #expect(try await blobs.size(of: key) == 0)
        },
        Duty("storing again replaces the bytes") { blobs in
            let key = try freshKey("replaced")
            try await blobs.store([1, 2, 3, 4], at: key)
            try await blobs.store([5], at: key)
            #expect(try await blobs.load(key) == [5])
        },
        Duty("a blob of four megabytes is kept whole") { blobs in
            let key = try freshKey("large")
            let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 11) }
            try await blobs.store(bytes, at: key)
            #expect(try await blobs.load(key) == bytes)
        },
        Duty("storing where something is changes nothing when it must be absent") { blobs in
            let key = try freshKey("once")
            #expect(try await blobs.storeIfAbsent([1], at: key))
            #expect(try await blobs.storeIfAbsent([2], at: key) == false)
            #expect(try await blobs.load(key) == [1])
            try await blobs.delete(key)
            #expect(try await blobs.storeIfAbsent([3], at: key))
        },
        Duty("of sixteen who store at once where nothing is, one does") { blobs in
            let key = try freshKey("race/won")
            let won = try await sideBySide(16) { number in
                try await blobs.storeIfAbsent([UInt8](repeating: UInt8(number), count: 1_000), at: key) ? number : nil
            }
            let winners = won.compactMap { $0 }
            #expect(winners.count == 1)
            #expect(try await blobs.load(key) == [UInt8](repeating: UInt8(winners.first ?? 99), count: 1_000))
        },
        Duty("a reader sees old bytes or new ones, never a part") { blobs in
            let key = try freshKey("turned")
            try await blobs.store([UInt8](repeating: 0, count: 50_000), at: key)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for turn in 1...10 {
                        try await blobs.store([UInt8](repeating: UInt8(turn), count: 50_000 + turn), at: key)
                    }
                }
                group.addTask {
                    for _ in 0..<20 {
                        let bytes = try #require(try await blobs.load(key))
                        #expect(Set(bytes).count == 1)
                        #expect(bytes.count == 50_000 + Int(bytes[0]))
                    }
                }
                try await group.waitForAll()
            }
        },
        Duty("deleted bytes are gone, and their neighbours stay") { blobs in
            let key = try freshKey("d/one")
            let neighbour = try #require(BlobKey(key.path.dropLast(3) + "two"))
            for key in [key, neighbour] { try await blobs.store([1], at: key) }
            try await blobs.delete(key)
            try await blobs.delete(key)
            #expect(try await blobs.load(key) == nil)
            #expect(try await blobs.load(neighbour) == [1])
        },
        Duty("a description tells the sizes of the listed keys, and that they are not of the future") { blobs in
            let prefix = uniqueHex()
            for number in 1...3 {
                let key = try #require(BlobKey("\(prefix)/\(number)"))
                try await blobs.store([UInt8](repeating: 0, count: number), at: key)
            }
            let all = try await blobs.describe(prefix: prefix, after: nil, limit: 10)
            #expect(all.map(\.size) == [1, 2, 3])
            let keys = try await blobs.list(prefix: prefix, after: nil, limit: 10)
            #expect(all.map(\.key) == keys)
            #expect(Set(all.map(\.modifiedAt.seconds)).allSatisfy { $0 > 1_500_000_000 })
            let rest = try await blobs.describe(prefix: prefix, after: all.first?.key, limit: 1)
            #expect(rest == [all[1]])
        },
        Duty("a key may continue another") { blobs in
            let short = try freshKey("a")
            let long = try #require(BlobKey(short.path + "/b"))
            try await blobs.store([1], at: short)
            try await blobs.store([2], at: long)
            #expect(try await blobs.load(short) == [1])
            try await blobs.delete(short)
            #expect(try await blobs.load(long) == [2])
        },
        Duty("a key of the greatest length is a key") { blobs in
            let prefix = uniqueHex()
            let segment = String(repeating: "s", count: 200)
            let rest = String(repeating: "r", count: 512 - 16 - 2 * 201 - 1)
            let key = try #require(BlobKey("\(prefix)/\(segment)/\(segment)/\(rest)"))
            try await blobs.store([1], at: key)
            #expect(try await blobs.list(prefix: prefix, after: nil, limit: 2) == [key])
            #expect(try await blobs.load(key) == [1])
        },
    ]
}

/// A key below a directory of its own.
func freshKey(_ path: String) throws -> BlobKey { try #require(BlobKey("\(uniqueHex())/\(path)")) }
