import JSONWire
import RoomCore
import RoomStorage

extension Manifest {
    /// The models in the shape that laboratories' own `manifest.json` files have: entries by id, ids by alias.
    func plain() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "1.0")
        writer.member("room_id", room.text)
        writer.member("updated_at", updatedAt.description)
        writer.member("revision", revision.number)
        writer.key("models")
        writer.beginObject()
        for id in byPublication {
            guard let entry = models[id], !entry.model.isWithdrawn else { continue }
            writer.key(id.text)
            writer.raw(entry.recorded())
        }
        writer.endObject()
        writer.key("aliases")
        writer.beginObject()
        for (alias, id) in aliases.sorted(by: { $0.key < $1.key }) {
            writer.key(alias.text)
            writer.string(id.text)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

extension StoredChange {
    /// - Parameter body: the line the change was read from.
    init(_ change: Change, body: [UInt8]) {
        self.init(
            revision: change.revision, at: change.at, kind: change.kind.rawValue, model: change.modelID,
            otherModel: change.other?.model.id, alias: change.alias, body: body)
    }
}
