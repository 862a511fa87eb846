import JSONWire
import RoomCore

/// What watchers are sent without asking again.
package enum RegistryEvent {
    /// `registry_event`, the same bytes for every watcher.
    package static func changed(_ change: Change, epoch: Epoch, presence: WorkerPresence) -> [UInt8] {
        var writer = JSONWriter(reserving: change.after.encodedBound + 256)
        writer.beginObject()
        writer.member("type", "registry_event")
        writer.member("epoch", epoch.text)
        writer.member("revision", change.revision.number)
        writer.member("at", change.at.description)
        writer.member("actor", change.actor.text)
        writer.member("kind", change.kind.rawValue)
        writer.member("model_id", change.modelID.text)
        writer.member("model", raw: change.after.encoded(presence: presence))
        if let alias = change.alias {
            writer.member("alias", alias.text)
            writer.member("previous_model_id", change.previousHolder?.text)
        }
        if let reason = change.reason { writer.member("reason", reason) }
        writer.endObject()
        return writer.bytes
    }

    /// The same event as a live query is told of it: with `match`, and `other` for a model of the result that lost its
    /// alias to the subject. When only that one is of the result, the event is about it.
    /// - Parameter event: what ``changed(_:epoch:presence:)`` made of the change.
    package static func matched(
        _ verdict: SearchVerdict, _ event: [UInt8], _ change: Change, epoch: Epoch, presence: WorkerPresence
    ) -> [UInt8] {
        guard let match = verdict.subject else {
            guard let loss = change.loss, let match = verdict.other else { return event }
            return matched(
                SearchVerdict(subject: match, other: nil), changed(loss, epoch: epoch, presence: presence), loss,
                epoch: epoch, presence: presence)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.count + 32)
        bytes.append(contentsOf: event.dropLast())
        bytes.append(contentsOf: #","match":"\#(match.rawValue)""#.utf8)
        if let other = change.other, let match = verdict.other {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("match", match.rawValue)
            writer.member("model_id", other.model.id.text)
            writer.member("model", raw: other.encoded(presence: presence))
            writer.endObject()
            bytes.append(contentsOf: #","other":"#.utf8)
            bytes.append(contentsOf: writer.bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// One page of `registry_snapshot`.
    package static func snapshot(_ entries: [ModelEntry], isLast: Bool, presence: WorkerPresence) -> [UInt8] {
        var writer = JSONWriter(reserving: entries.reduce(64) { $0 + $1.encodedBound })
        writer.beginObject()
        writer.member("type", "registry_snapshot")
        writer.member("models", raw: RegistryReply.list(entries, presence: presence))
        writer.member("last", isLast)
        writer.endObject()
        return writer.bytes
    }

    package static func presence(of peer: PeerID, role: PeerRole, online: Bool, properties: JSONObject) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "presence_event")
        writer.member("peer_id", peer.text)
        writer.member("role", role.rawValue)
        writer.member("online", online)
        writer.member("properties", .object(properties))
        writer.endObject()
        return writer.bytes
    }
}
