import JSONWire
import RoomCore

/// A positive reply, encoded but for the `request_id`: what a repeat with the same idempotency key gets again.
package struct RegistryReply: Sendable, Equatable {
    /// One JSON object.
    package let answer: [UInt8]

    /// An answer as it was kept.
    package init(answer: [UInt8]) { self.answer = answer }

    /// - Parameter capacity: about how long it becomes.
    init(_ type: String, reserving capacity: Int = 0, _ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(reserving: capacity)
        writer.beginObject()
        writer.member("type", type)
        members(&writer)
        writer.endObject()
        answer = writer.bytes
    }

    /// The frame for one asker.
    package consuming func frame(for requestID: RequestID?) -> [UInt8] {
        guard let requestID else { return answer }
        var bytes = answer
        bytes.removeLast()
        bytes.append(contentsOf: #","request_id":"#.utf8)
        bytes.append(contentsOf: JSONValue.string(requestID.text).encoded())
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

// MARK: - Writes

extension RegistryReply {
    /// The reply to a write that was decided, once it is durable.
    package static func decided(
        _ request: WriteRequest, _ decision: Decision, epoch: Epoch, presence: WorkerPresence
    ) -> RegistryReply {
        let model = decision.entry.model
        return RegistryReply(request.replyType, reserving: decision.entry.encodedBound + 256) { writer in
            writer.member("revision", decision.revision.number)
            writer.member("epoch", epoch.text)
            switch request {
            case .publish:
                writer.member("model", decision.entry, presence)
                writer.member("created", decision.created)
            case .update, .storage:
                writer.member("model", decision.entry, presence)
            case .alias(let move):
                writer.member("alias", move.alias.text)
                writer.member("model_id", move.model == nil ? nil : model.id.text)
                writer.member("previous_model_id", decision.previousHolder?.text)
            case .withdraw, .restore:
                writer.member("model_id", model.id.text)
            case .copy:
                writer.member("model_id", model.id.text)
                writer.member("available_on_workers", .strings(decision.entry.available(presence).map(\.text)))
            }
        }
    }
}

extension WriteRequest {
    fileprivate var replyType: String {
        switch self {
        case .publish: "registry_published"
        case .update: "registry_updated"
        case .alias: "registry_aliased"
        case .withdraw: "registry_withdrawn"
        case .restore: "registry_restored"
        case .copy: "registry_copied"
        case .storage: "registry_stored"
        }
    }
}

// MARK: - Reads

extension RegistryReply {
    /// The stem of every `registry_response`.
    private static func response(
        _ query: RegistryQuery, _ manifest: Manifest, reserving capacity: Int = 0,
        _ members: (inout JSONWriter) -> Void
    ) -> RegistryReply {
        RegistryReply("registry_response", reserving: capacity) { writer in
            writer.member("command", query.command)
            writer.member("epoch", manifest.epoch.text)
            writer.member("revision", manifest.revision.number)
            members(&writer)
        }
    }

    package static func models(
        _ query: RegistryQuery, _ page: ModelPage, of manifest: Manifest, presence: WorkerPresence
    ) -> RegistryReply {
        response(query, manifest) { writer in
            writer.member("models", raw: list(page.entries, presence: presence))
            writer.member("count", page.count)
            writer.member("next_cursor", page.next?.text)
        }
    }

    package static func model(
        _ query: RegistryQuery, _ entry: ModelEntry, of manifest: Manifest, presence: WorkerPresence
    ) -> RegistryReply {
        response(query, manifest, reserving: entry.encodedBound + 256) { $0.member("model", entry, presence) }
    }

    package static func existence(
        _ query: RegistryQuery, of name: String, _ entry: ModelEntry?, in manifest: Manifest, presence: WorkerPresence
    ) -> RegistryReply {
        response(query, manifest) { writer in
            writer.member("exists", entry != nil)
            writer.member("model_id", entry?.model.id.text ?? name)
            writer.member("stored", entry?.model.storage.state == .stored)
            writer.member("available_on_workers", .strings(entry?.available(presence).map(\.text) ?? []))
        }
    }

    package static func comparison(
        _ query: RegistryQuery, _ comparison: ModelComparison, of manifest: Manifest, presence: WorkerPresence
    ) -> RegistryReply {
        response(query, manifest) { writer in
            writer.member("models", raw: list(comparison.entries, presence: presence))
            writer.key("differences")
            writer.beginObject()
            for (path, values) in comparison.differences {
                writer.key(path)
                writer.value(.array(values))
            }
            writer.endObject()
            writer.key("best")
            writer.beginObject()
            for (metric, model) in comparison.best {
                writer.key(metric)
                writer.string(model.text)
            }
            writer.endObject()
        }
    }

    package static func history(
        _ query: RegistryQuery, _ changes: [Change], of manifest: Manifest, presence: WorkerPresence
    ) -> RegistryReply {
        response(query, manifest) { writer in
            writer.key("changes")
            writer.beginArray()
            for change in changes {
                writer.beginObject()
                writer.member("revision", change.revision.number)
                writer.member("at", change.at.description)
                writer.member("actor", change.actor.text)
                writer.member("kind", change.kind.rawValue)
                writer.member("model_id", change.modelID.text)
                writer.member("alias", change.alias?.text)
                if let before = change.before {
                    writer.member("before", raw: before.encoded(presence: presence))
                } else {
                    writer.member("before", .null)
                }
                writer.member("after", raw: change.after.encoded(presence: presence))
                writer.member("reason", change.reason)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    /// The whole manifest, in the seed shape; withdrawn models are not in it.
    package static func manifest(
        _ query: RegistryQuery, _ manifest: Manifest, presence: WorkerPresence
    ) -> RegistryReply {
        response(query, manifest) { writer in
            writer.key("manifest")
            writer.beginObject()
            writer.member("version", "1.0")
            writer.member("room_id", manifest.room.text)
            writer.member("updated_at", manifest.updatedAt.description)
            writer.key("models")
            writer.beginObject()
            for entry in manifest.byPublication.compactMap({ manifest.models[$0] }) where !entry.model.isWithdrawn {
                writer.key(entry.model.id.text)
                writer.raw(entry.encoded(presence: presence))
            }
            writer.endObject()
            writer.key("aliases")
            writer.beginObject()
            for (alias, id) in manifest.aliases.sorted(by: { $0.key < $1.key }) {
                writer.key(alias.text)
                writer.string(id.text)
            }
            writer.endObject()
            writer.endObject()
        }
    }

    static func list(_ entries: [ModelEntry], presence: WorkerPresence) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(2) { $0 + $1.encodedBound })
        bytes.append(UInt8(ascii: "["))
        for (index, entry) in entries.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            entry.append(to: &bytes, presence: presence)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}

// MARK: - Watching

extension RegistryReply {
    package enum SubscriptionMode: String, Sendable {
        case resume, snapshot
    }

    package static func subscribed(epoch: Epoch, revision: Revision, mode: SubscriptionMode) -> RegistryReply {
        RegistryReply("registry_subscribed") { writer in
            writer.member("epoch", epoch.text)
            writer.member("revision", revision.number)
            writer.member("mode", mode.rawValue)
        }
    }

    package static let unsubscribed = RegistryReply("registry_unsubscribed") { _ in }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: StaticString, _ entry: ModelEntry, _ presence: WorkerPresence) {
        self.key(key)
        raw { entry.append(to: &$0, presence: presence) }
    }
}
