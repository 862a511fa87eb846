import JSONWire
import RoomCore

extension FileCheck.Report {
    /// For operators and their scripts.
    package var json: JSONValue {
        .object([
            "rooms_checked": .integer(roomsChecked), "models_checked": .integer(modelsChecked),
            "missing": .strings(missing), "returned": .strings(returned),
            "orphans": .array(
                orphans.map { orphan in
                    [
                        "key": .string(orphan.key.path), "size": .integer(orphan.size),
                        "modified_at": .string(orphan.modifiedAt.description),
                    ]
                }),
            "orphan_count": .integer(orphanCount), "orphan_bytes": .integer(orphanBytes),
            "collectable": .integer(collectable), "collected": .integer(collected),
            "objects_of_unknown_rooms": .integer(objectsOfUnknownRooms),
            "abandoned_uploads": .integer(abandonedUploads),
        ])
    }

    /// One line for people.
    package var sentence: String {
        "\(modelsChecked) models in \(roomsChecked) rooms, \(missing.count) with missing files; \(orphanCount) objects "
            + "(\(orphanBytes) bytes) without a model, \(objectsOfUnknownRooms) of rooms not in the record; "
            + "\(abandonedUploads) abandoned uploads"
    }
}
