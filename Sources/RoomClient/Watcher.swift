import JSONWire

/// A place in a room's history.
package struct WatchPosition: Sendable, Equatable {
    package let epoch: String
    package let revision: Int

    package init(epoch: String, revision: Int) {
        self.epoch = epoch
        self.revision = revision
    }
}

package enum WatchEvent: Sendable, Equatable {
    /// What was known is void: the models of these pages are all there are, up to the last page.
    case snapshot([JSONObject], isLast: Bool)
    case change(JSONObject, at: WatchPosition)
    case presence(JSONObject)
}

/// Follows a room's changes and proves that none is missing, repeated or out of order.
struct Watcher {
    private(set) var position: WatchPosition?
    private let filters: JSONObject
    private let presence: Bool
    /// Where the snapshot that is arriving stands.
    private var snapshot: WatchPosition?

    init(position: WatchPosition?, filters: JSONObject, presence: Bool) {
        self.position = position
        self.filters = filters
        self.presence = presence
    }

    /// Subscribes on a connection and follows it to its end.
    mutating func follow(_ connection: RoomConnection, tell: (WatchEvent) -> Void) async throws(ClientFault) {
        do throws(ClientFault) {
            try begin(try await connection.request("registry_subscribe", subscription))
        } catch {
            guard error.isPassing else { throw error }
            return
        }
        for await message in connection.messages {
            if let event = try take(message) { tell(event) }
        }
        if let end = await connection.end, !end.isPassing { throw end }
    }

    private var subscription: JSONObject {
        var fields: JSONObject = ["presence": .bool(presence), "filters": .object(filters)]
        if let position {
            fields["since"] = ["epoch": .string(position.epoch), "revision": .integer(position.revision)]
        }
        return fields
    }

    /// Takes in the `registry_subscribed` reply.
    mutating func begin(_ reply: JSONObject) throws(ClientFault) {
        guard let epoch = reply["epoch"]?.stringValue, let revision = reply["revision"]?.intValue else {
            throw .protocolViolation("registry_subscribed has no epoch or revision")
        }
        snapshot = reply["mode"]?.stringValue == "snapshot" ? WatchPosition(epoch: epoch, revision: revision) : nil
        if snapshot == nil, position?.epoch != epoch {
            throw .protocolViolation("resumed in epoch \(epoch), which is not the one asked for")
        }
    }

    /// Takes in a message; nil when it is not about watching.
    mutating func take(_ message: JSONObject) throws(ClientFault) -> WatchEvent? {
        switch message["type"]?.stringValue {
        case "registry_snapshot":
            let isLast = message["last"]?.boolValue ?? false
            if isLast {
                position = snapshot
                snapshot = nil
            }
            return .snapshot(message["models"]?.arrayValue?.compactMap(\.objectValue) ?? [], isLast: isLast)
        case "registry_event":
            return .change(message, at: try advance(message))
        case "presence_event":
            return .presence(message)
        default:
            return nil
        }
    }

    /// Without filters each revision follows the one before; with filters some are left out, but none comes twice.
    private mutating func advance(_ message: JSONObject) throws(ClientFault) -> WatchPosition {
        guard let epoch = message["epoch"]?.stringValue, let revision = message["revision"]?.intValue,
            let position, position.epoch == epoch
        else { throw .protocolViolation("an event outside of the watched epoch") }
        let follows = filters.isEmpty ? revision == position.revision + 1 : revision > position.revision
        guard follows else {
            throw .protocolViolation("revision \(revision) came after \(position.revision)")
        }
        let next = WatchPosition(epoch: epoch, revision: revision)
        self.position = next
        return next
    }
}
