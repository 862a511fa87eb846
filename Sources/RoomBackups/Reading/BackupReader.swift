import Cryptography
import RoomCore
import RoomStorage

/// A version of a room's index, to be replaced.
struct TaggedIndex: Sendable {
    let index: RoomIndex?
    let tag: BlobTag?
    /// Nothing was read: there is none, as far as is known.
    var isAssumed = false
}

/// Reads backups, and believes nothing that is not what was written.
package struct BackupReader: Sendable {
    let blobs: any BlobStore
    private static let largestObject = 512 << 20

    package init(_ blobs: any BlobStore) { self.blobs = blobs }

    /// Every room of the bucket, in the byte order of ids, the deleted ones too.
    package func rooms() async throws -> [RoomID] {
        var rooms: [RoomID] = []
        var after: BlobKey?
        while true {
            let last = after
            let page = try await blobs.list(prefix: BackupLayout.roomsPrefix, after: last, limit: 1_000)
            guard let end = page.last else { return rooms }
            for room in page.compactMap(BackupLayout.room) where rooms.last != room { rooms.append(room) }
            // What is left of the last room is skipped.
            after = BackupLayout.room(of: end).map(BackupLayout.end) ?? end
        }
    }

    /// The index, made anew from a listing when it is damaged or gone; nil when nothing is kept of the room.
    package func index(of room: RoomID) async throws -> RoomIndex? {
        try await taggedIndex(of: room).index
    }

    func taggedIndex(of room: RoomID) async throws -> TaggedIndex {
        let stored = try await blobs.loadTagged(BackupLayout.index(of: room))
        if let stored, let index = try RoomIndex(stored.bytes, of: room) {
            return TaggedIndex(index: index, tag: stored.tag)
        }
        return TaggedIndex(index: try await listedIndex(of: room), tag: stored?.tag)
    }

    /// The text of an object; nil when it is gone or not what was written.
    func text(_ key: BlobKey, _ stored: RoomIndex.Stored) async throws -> [UInt8]? {
        let bytes = try await blobs.load(key)
        guard let bytes, bytes.count == stored.size, SHA256.hex(bytes) == stored.sha256.text else { return nil }
        return Gzip.expand(bytes, limit: Self.largestObject)
    }

    func manifest(_ entry: RoomIndex.Snapshot, of room: RoomID) async throws -> Manifest? {
        guard let text = try await text(BackupLayout.snapshot(of: room, entry), entry.stored),
            let manifest = try? Manifest(recorded: text), manifest.room == room, manifest.epoch == entry.epoch,
            manifest.revision == entry.revision
        else { return nil }
        return manifest
    }

    /// The changes of a segment, all of them and in order; nil when it is not what was written.
    func changes(_ entry: RoomIndex.Segment, of room: RoomID) async throws -> [ReadChange]? {
        guard let text = try await text(BackupLayout.segment(of: room, entry), entry.stored) else { return nil }
        return Self.changes(text, from: entry.from, to: entry.to)
    }

    static func changes(_ text: [UInt8], from: Revision, to: Revision) -> [ReadChange]? {
        var changes: [ReadChange] = []
        for line in text.split(separator: 0x0A) {
            let body = Array(line)
            guard let change = try? Change(recorded: body), change.revision.number == from.number + changes.count
            else { return nil }
            changes.append(ReadChange(change: change, body: body))
        }
        return changes.last?.change.revision == to ? changes : nil
    }

    /// Users and keys, the newest that can be read; nil when none are kept.
    package func people(telling tell: (String) -> Void) async throws -> People? {
        let keys = try await blobs.list(prefix: BackupLayout.peoplePrefix, after: nil, limit: 10_000)
        for key in keys.reversed() {
            let bytes = try await blobs.load(key)
            if let text = bytes.flatMap({ Gzip.expand($0, limit: Self.largestObject) }), let people = try? People(text)
            {
                return people
            }
            tell("\(key) is damaged: the one before it is taken")
        }
        if !keys.isEmpty { throw BackupFault.damaged("none of the lists of users can be read") }
        return nil
    }
}

/// A change with the line it was read from.
struct ReadChange: Sendable {
    let change: Change
    let body: [UInt8]
}
