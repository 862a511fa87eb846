import RoomCore
import RoomStorage
import Testing

extension BlobDuties {
    static let versions: [Duty<any BlobStore>] = [
        Duty("bytes are loaded with the tag of their version") { blobs in
            let key = try freshKey("tagged")
            #expect(try await blobs.loadTagged(key) == nil)
            try await blobs.store([1], at: key)
            let first = try #require(try await blobs.loadTagged(key))
            #expect(first.bytes == [1])
            #expect(try await blobs.loadTagged(key) == first)
            try await blobs.store([2], at: key)
            #expect(try await blobs.loadTagged(key)?.tag != first.tag)
        },
        Duty("a version is replaced by who expects it") { blobs in
            let key = try freshKey("replaced")
            let first = try #require(try await blobs.replace(key, with: [1], expecting: nil))
            #expect(try await blobs.loadTagged(key) == TaggedBlob(bytes: [1], tag: first))
            let second = try #require(try await blobs.replace(key, with: [2], expecting: first))
            #expect(try await blobs.loadTagged(key) == TaggedBlob(bytes: [2], tag: second))
        },
        Duty("who expects another version changes nothing") { blobs in
            let key = try freshKey("kept")
            let first = try #require(try await blobs.replace(key, with: [1], expecting: nil))
            try await blobs.store([2], at: key)
            #expect(try await blobs.replace(key, with: [3], expecting: first) == nil)
            #expect(try await blobs.replace(key, with: [3], expecting: nil) == nil)
            #expect(try await blobs.load(key) == [2])
        },
        Duty("who expects a version of what is gone changes nothing") { blobs in
            let key = try freshKey("gone")
            let first = try #require(try await blobs.replace(key, with: [1], expecting: nil))
            try await blobs.delete(key)
            #expect(try await blobs.replace(key, with: [2], expecting: first) == nil)
            #expect(try await blobs.load(key) == nil)
        },
        Duty("of eight who replace one version at once, one does") { blobs in
            let key = try freshKey("race/replaced")
            let first = try #require(try await blobs.replace(key, with: [1], expecting: nil))
            let tags = try await sideBySide(8) { number in
                try await blobs.replace(key, with: [UInt8(number), 2], expecting: first)
            }
            let won = tags.compactMap { $0 }
            #expect(won.count == 1)
            #expect(try await blobs.loadTagged(key)?.tag == won.first)
        },
        Duty("a description tells key, size and when it was written") { blobs in
            let directory = uniqueHex()
            for size in [0, 1, 1_000] {
                let key = try #require(BlobKey("\(directory)/\(size)"))
                try await blobs.store([UInt8](repeating: 1, count: size), at: key)
            }
            let described = try await blobs.describe(prefix: "\(directory)/", after: nil, limit: 10)
            #expect(described.map(\.key.path) == [0, 1, 1_000].map { "\(directory)/\($0)" })
            #expect(described.map(\.size) == [0, 1, 1_000])
            let moments = described.map(\.modifiedAt)
            #expect(moments.allSatisfy { $0 > Timestamp(seconds: 1_700_000_000) })
            let second = try await blobs.describe(prefix: directory, after: described.first?.key, limit: 1)
            #expect(second == Array(described[1..<2]))
        },
    ]
}
