import JSONWire
import RoomCore

extension RoomIndex {
    package func encoded() -> [UInt8] {
        var object: JSONObject = [
            "format": .integer(BackupLayout.format), "room": .string(room.text),
            "epoch": epoch.map { .string($0.text) } ?? .null, "updated_at": .string(updatedAt.description),
            "deleted_at": deletedAt.map { .string($0.description) } ?? .null,
            "dossiers": .array(dossiers.map { .object($0.stored.adding(to: ["version": .integer($0.version)])) }),
            "snapshots": .array(
                snapshots.map { entry in
                    .object(
                        entry.stored.adding(to: [
                            "epoch": .string(entry.epoch.text), "revision": .integer(entry.revision.number),
                            "at": .string(entry.at.description), "written_at": .string(entry.writtenAt.description),
                        ]))
                }),
            "segments": .array(
                segments.map { entry in
                    .object(
                        entry.stored.adding(to: [
                            "epoch": .string(entry.epoch.text), "from": .integer(entry.from.number),
                            "to": .integer(entry.to.number), "at": .string(entry.at.description),
                        ]))
                }),
        ]
        if let collectingSince { object["collecting_since"] = .string(collectingSince.description) }
        return JSONValue.object(object).encoded()
    }

    /// Nil when it is no index of this room, or damaged.
    package init?(_ bytes: [UInt8], of room: RoomID) throws(BackupFault) {
        guard let object = (try? JSONValue.parse(bytes, maxDepth: 8))?.objectValue else { return nil }
        guard let format = object["format"]?.intValue, format >= 1 else { return nil }
        guard format <= BackupLayout.format else { throw .newerFormat(format) }
        do throws(FieldFault) {
            let reader = FieldReader(object)
            guard try reader.name("room", as: RoomID.self) == room else { return nil }
            self.init(room: room, updatedAt: try reader.required("updated_at", reader.moment("updated_at")))
            deletedAt = try reader.moment("deleted_at")
            collectingSince = try reader.moment("collecting_since")
            dossiers = try reader.entries("dossiers") { entry throws(FieldFault) in
                Dossier(version: try entry.number("version"), stored: try entry.stored())
            }
            snapshots = try reader.entries("snapshots") { entry throws(FieldFault) in
                Snapshot(
                    epoch: try entry.required("epoch", entry.name("epoch")),
                    revision: Revision(try entry.number("revision")),
                    at: try entry.required("at", entry.moment("at")),
                    writtenAt: try entry.required("written_at", entry.moment("written_at")),
                    stored: try entry.stored())
            }
            segments = try reader.entries("segments") { entry throws(FieldFault) in
                Segment(
                    epoch: try entry.required("epoch", entry.name("epoch")), from: Revision(try entry.number("from")),
                    to: Revision(try entry.number("to")), at: try entry.required("at", entry.moment("at")),
                    stored: try entry.stored())
            }
        } catch {
            return nil
        }
    }
}

extension RoomIndex.Stored {
    fileprivate func adding(to object: JSONObject) -> JSONObject {
        var object = object
        object["size"] = .integer(size)
        object["sha256"] = .string(sha256.text)
        return object
    }
}

extension FieldReader {
    func number(_ key: String) throws(FieldFault) -> Int {
        try required(key, integer(key, in: 0...999_999_999_999))
    }

    func entries<Entry>(
        _ key: String, _ read: (FieldReader) throws(FieldFault) -> Entry
    ) throws(FieldFault) -> [Entry] {
        var entries: [Entry] = []
        for value in try required(key, array(key, maxCount: 1_000_000)) {
            guard let object = value.objectValue else { throw FieldFault(key, "must be a list of objects") }
            entries.append(try read(FieldReader(object, path: key)))
        }
        return entries
    }

    fileprivate func stored() throws(FieldFault) -> RoomIndex.Stored {
        RoomIndex.Stored(size: try number("size"), sha256: try required("sha256", name("sha256")))
    }
}
