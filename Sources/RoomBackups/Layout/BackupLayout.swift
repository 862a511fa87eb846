import RoomCore
import RoomStorage

/// Where everything lies in the bucket.
///
///     installation.json                                    whose backups these are, and their format
///     people/{version}.json.gz                             users and account keys (hashes)
///     rooms/{id}/index.json                                what is kept of the room; replaced conditionally
///     rooms/{id}/manifest.json                             the models as plain JSON, for people and other programs
///     rooms/{id}/dossier/{version}.json.gz                 the room's row, members and tokens (hashes)
///     rooms/{id}/{epoch}/snapshots/{revision}.json.gz      a whole manifest
///     rooms/{id}/{epoch}/changes/{from}-{to}.jsonl.gz      a change a line
///
/// Numbers have twelve digits, so that the order of keys is theirs.
package enum BackupLayout {
    package static let format = 1
    package static let roomsPrefix = "rooms/"
    package static let peoplePrefix = "people/"

    package static var installation: BlobKey { key("installation.json") }
    package static func people(_ version: Int) -> BlobKey { key("people/\(padded(version)).json.gz") }
    package static func prefix(of room: RoomID) -> String { "rooms/\(room)/" }
    package static func index(of room: RoomID) -> BlobKey { key("rooms/\(room)/index.json") }
    package static func manifest(of room: RoomID) -> BlobKey { key("rooms/\(room)/manifest.json") }

    package static func dossier(of room: RoomID, _ entry: RoomIndex.Dossier) -> BlobKey {
        key("rooms/\(room)/dossier/\(padded(entry.version)).json.gz")
    }

    package static func snapshot(of room: RoomID, _ entry: RoomIndex.Snapshot) -> BlobKey {
        key("rooms/\(room)/\(entry.epoch)/snapshots/\(padded(entry.revision.number)).json.gz")
    }

    package static func segment(of room: RoomID, _ entry: RoomIndex.Segment) -> BlobKey {
        key("rooms/\(room)/\(entry.epoch)/changes/\(padded(entry.from.number))-\(padded(entry.to.number)).jsonl.gz")
    }

    /// A key after all keys of a room, and before those of the next: `0` follows `/`.
    package static func end(of room: RoomID) -> BlobKey { key("rooms/\(room)0") }

    package static func room(of key: BlobKey) -> RoomID? {
        let parts = key.path.split(separator: "/")
        guard parts.count > 2, parts[0] == "rooms" else { return nil }
        return RoomID(String(parts[1]))
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// Rooms and epochs are made of characters that keys allow, and are short.
    private static func key(_ path: String) -> BlobKey {
        guard let key = BlobKey(path) else { preconditionFailure("a room id and an epoch make a key") }
        return key
    }
}
