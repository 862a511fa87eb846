import JSONWire
import Logging
import RoomCore
import RoomStorage

extension FileCheck {
    /// What was found, in numbers and a few names.
    package struct Report: Sendable, Equatable {
        package var roomsChecked = 0
        package var modelsChecked = 0
        package var missing = Names()
        package var returned = Names()
        package var orphans: [BlobDescription] = []
        package var orphanCount = 0
        package var orphanBytes = 0
        /// Orphans whose grace time is over.
        package var collectable = 0
        package var collected = 0
        /// Orphans whose room was deleted.
        package var objectsOfDeletedRooms = 0
        /// Objects of rooms of which the record knows nothing, which are never collected.
        package var objectsOfUnknownRooms = 0
        /// Uploads that expired, and models that are being uploaded by none.
        package var abandonedUploads = 0
        /// Uploads in parts that are in the store past the grace time, and in no upload of the ledger.
        package var strayParts = 0
        package var strayPartsCollected = 0
        /// Why uploads in parts could not be listed.
        package var partsRefused: String?
        /// Uploads that are being verified, or are to be by whoever looks next.
        package var verifyingUploads = 0

        package init() {}

        mutating func name(_ orphan: BlobDescription) {
            orphanCount += 1
            orphanBytes += orphan.size
            if orphans.count < Names.limit { orphans.append(orphan) }
        }
    }

    /// The first of many names, and how many there are.
    package struct Names: Sendable, Equatable {
        static let limit = 100

        package private(set) var first: [String] = []
        package private(set) var count = 0

        mutating func append(_ name: String) {
            count += 1
            if first.count < Self.limit { first.append(name) }
        }
    }
}

extension FileCheck.Report {
    /// Whether an operator should hear of it.
    var isNews: Bool {
        orphanCount > 0 || missing.count > 0 || returned.count > 0 || strayParts > 0 || partsRefused != nil
    }

    var metadata: Logger.Metadata {
        [
            "missing": "\(missing.count)", "returned": "\(returned.count)", "orphans": "\(orphanCount)",
            "collected": "\(collected)", "stray_parts": "\(strayParts)",
            "parts_refused": "\(partsRefused ?? "")",
        ]
    }

    /// For operators and their scripts.
    package var json: JSONValue {
        .object([
            "rooms_checked": .integer(roomsChecked), "models_checked": .integer(modelsChecked),
            "missing": .strings(missing.first), "missing_count": .integer(missing.count),
            "returned": .strings(returned.first), "returned_count": .integer(returned.count),
            "orphans": .array(
                orphans.map { orphan in
                    [
                        "key": .string(orphan.key.path), "size": .integer(orphan.size),
                        "modified_at": .string(orphan.modifiedAt.description),
                    ]
                }),
            "orphan_count": .integer(orphanCount), "orphan_bytes": .integer(orphanBytes),
            "collectable": .integer(collectable), "collected": .integer(collected),
            "objects_of_deleted_rooms": .integer(objectsOfDeletedRooms),
            "objects_of_unknown_rooms": .integer(objectsOfUnknownRooms),
            "abandoned_uploads": .integer(abandonedUploads),
            "stray_parts": .integer(strayParts), "stray_parts_collected": .integer(strayPartsCollected),
            "parts_refused": partsRefused.map(JSONValue.string) ?? .null,
            "verifying_uploads": .integer(verifyingUploads),
        ])
    }

    /// One line for people.
    package var sentence: String {
        "\(modelsChecked) models in \(roomsChecked) rooms, \(missing.count) with missing files; \(orphanCount) objects "
            + "(\(orphanBytes) bytes) without a model, \(objectsOfDeletedRooms) of them of deleted rooms, and "
            + "\(objectsOfUnknownRooms) of rooms not in the record; \(abandonedUploads) abandoned uploads, "
            + (partsRefused.map { "uploads in parts could not be listed (\($0)), " }
                ?? "\(strayParts) uploads in parts that no upload knows, ")
            + "\(verifyingUploads) being verified"
    }
}
