import RoomCore
import RoomStorage

extension BackupReader {
    /// An index of what lies there and can be read. It cannot know that the room was deleted.
    func listedIndex(of room: RoomID) async throws -> RoomIndex? {
        var found: [BlobDescription] = []
        while true {
            let last = found.last?.key
            let page = try await blobs.describe(prefix: BackupLayout.prefix(of: room), after: last, limit: 1_000)
            found += page
            if page.count < 1_000 { break }
        }
        let newest = found.map(\.modifiedAt).max()
        guard let newest else { return nil }
        var index = RoomIndex(room: room, updatedAt: newest)
        for object in found.sorted(by: { ($0.modifiedAt, $0.key) < ($1.modifiedAt, $1.key) }) {
            try await add(object, to: &index)
        }
        index.dossiers.sort { $0.version < $1.version }
        // Written in one moment, they still stand in the order of their epochs and revisions.
        let epochs = index.snapshots.reduce(into: [Epoch]()) { if !$0.contains($1.epoch) { $0.append($1.epoch) } }
        index.snapshots = epochs.flatMap { epoch in
            index.snapshots.filter { $0.epoch == epoch }.sorted { $0.revision < $1.revision }
        }
        return index.snapshots.isEmpty && index.dossiers.isEmpty ? nil : index
    }

    private func add(_ object: BlobDescription, to index: inout RoomIndex) async throws {
        let parts = object.key.path.split(separator: "/").dropFirst(2).map(String.init)
        guard parts.count >= 2 else { return }
        let bytes = try await blobs.load(object.key)
        guard let bytes, let text = Gzip.expand(bytes) else { return }
        let stored = RoomIndex.Stored(bytes)
        let numbers = (parts.last ?? "").split(whereSeparator: { $0 == "-" || $0 == "." }).compactMap { Int($0) }
        if parts.count == 2, parts[0] == "dossier", let version = numbers.first {
            index.dossiers.append(RoomIndex.Dossier(version: version, stored: stored))
        } else if parts.count == 3, parts[1] == "snapshots", let manifest = try? Manifest(recorded: text),
            manifest.room == index.room, manifest.epoch.text == parts[0]
        {
            index.snapshots.append(
                RoomIndex.Snapshot(
                    epoch: manifest.epoch, revision: manifest.revision, at: manifest.updatedAt,
                    writtenAt: object.modifiedAt, stored: stored))
        } else if parts.count == 3, parts[1] == "changes", numbers.count == 2, let epoch = Epoch(parts[0]),
            let changes = Self.changes(text, from: Revision(numbers[0]), to: Revision(numbers[1])),
            let last = changes.last
        {
            index.segments.append(
                RoomIndex.Segment(
                    epoch: epoch, from: Revision(numbers[0]), to: last.change.revision, at: last.change.at,
                    stored: stored))
        }
    }
}
