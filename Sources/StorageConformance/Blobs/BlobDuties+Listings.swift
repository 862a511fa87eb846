import RoomStorage
import Testing

extension BlobDuties {
    static let listings: [Duty<any BlobStore>] = [
        Duty("keys are listed in byte order, across directories") { blobs in
            let tree = try await BlobTree(
                in: blobs, ["a/b", "a", "a-b", "a.c", "a0", "A", "a/b/c", "a/a", "b", "=", "_"])
            #expect(try await tree.list() == tree.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        },
        Duty("a prefix may end within a segment") { blobs in
            let tree = try await BlobTree(in: blobs, ["room/1", "room/12", "room/2", "roomy", "roo"])
            #expect(try await tree.list("room/1") == ["room/1", "room/12"])
            #expect(try await tree.list("room") == ["room/1", "room/12", "room/2", "roomy"])
            #expect(try await tree.list("room/") == ["room/1", "room/12", "room/2"])
            #expect(try await tree.list("x").isEmpty)
        },
        Duty("a listing goes on after a key, at most the limit") { blobs in
            let tree = try await BlobTree(in: blobs, ["1", "2/a", "2/b", "2/c", "3", "4"])
            #expect(try await tree.list(limit: 2) == ["1", "2/a"])
            #expect(try await tree.list(after: "2/a", limit: 3) == ["2/b", "2/c", "3"])
            #expect(try await tree.list("2/", after: "2/b", limit: 10) == ["2/c"])
            // Neither the key that a listing goes on after, nor one before it, need exist.
            #expect(try await tree.list(after: "2/bb", limit: 10) == ["2/c", "3", "4"])
            #expect(try await tree.list(after: "4", limit: 10).isEmpty)
            #expect(try await tree.list(limit: 0).isEmpty)
        },
        Duty("a deleted key is listed no more") { blobs in
            let tree = try await BlobTree(in: blobs, ["x/y/z", "x/y/zz"])
            try await blobs.delete(try tree.key("x/y/z"))
            #expect(try await tree.list() == ["x/y/zz"])
        },
        Duty("no bytes on their way are listed") { blobs in
            let directory = uniqueHex()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let key = try #require(BlobKey("\(directory)/\(number)"))
                        try await blobs.store([UInt8](repeating: 1, count: 100_000), at: key)
                    }
                }
                group.addTask {
                    for _ in 0..<10 {
                        for key in try await blobs.list(prefix: directory, after: nil, limit: 100) {
                            #expect(try await blobs.size(of: key) == 100_000)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await blobs.list(prefix: directory, after: nil, limit: 100).count == 8)
        },
    ]
}

/// Blobs below a directory of their own, named without it.
private struct BlobTree: Sendable {
    let blobs: any BlobStore
    let names: [String]
    private let directory = uniqueHex() + "/"

    init(in blobs: any BlobStore, _ names: [String]) async throws {
        self.blobs = blobs
        self.names = names
        for name in names { try await blobs.store([1], at: try key(name)) }
    }

    func key(_ name: String) throws -> BlobKey { try #require(BlobKey(directory + name)) }

    func list(_ prefix: String = "", after name: String? = nil, limit: Int = 100) async throws -> [String] {
        try await blobs.list(prefix: directory + prefix, after: try name.map(key), limit: limit).map {
            String($0.path.dropFirst(directory.count))
        }
    }
}
