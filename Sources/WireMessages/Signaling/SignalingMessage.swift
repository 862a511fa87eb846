import JSONWire
import RoomCore

/// What the server says to peers in signaling.
package enum SignalingMessage {
    /// What an opted-in socket learns beside the signaling fields.
    package struct RegistryTerms: Sendable {
        package let limits: WireLimits
        package let epoch: Epoch
        package let revision: Revision
        package let session: String

        package init(limits: WireLimits, epoch: Epoch, revision: Revision, session: String) {
            self.limits = limits
            self.epoch = epoch
            self.revision = revision
            self.session = session
        }
    }

    /// - Parameter others: all that are in the room; of a crowd, those are listed that a frame has room for.
    package static func registered(
        _ peer: PeerID, in room: RoomID, token: JSONValue, admin: PeerID?, others: [PeerDescription],
        capabilities: [String] = [], terms: RegistryTerms?, ice: ICEOffer = ICEOffer(),
        peerBytes: Int = WireLimits().pageBytes
    ) -> [UInt8] {
        let listed = GreetedPeers(others, admin: admin, bytes: peerBytes)
        var writer = JSONWriter(reserving: listed.bytes + 1024)
        writer.beginObject()
        writer.member("type", "registered_auth")
        writer.member("room_id", room.text)
        writer.member("token", token)
        writer.member("peer_id", peer.text)
        writer.member("admin_peer_id", admin?.text)
        listed.write(to: &writer)
        writer.member("ice_servers", .array(ice.servers.map(\.json)))
        writer.member("mesh_ice_servers", .array(ice.mesh.map(\.json)))
        if !capabilities.isEmpty { writer.member("capabilities", .strings(capabilities)) }
        if let terms { terms.write(to: &writer) }
        writer.endObject()
        return writer.bytes
    }

    package static func adminConflict(in room: RoomID, admin: PeerID) -> [UInt8] {
        JSONValue.object([
            "type": "admin_conflict", "room_id": .string(room.text), "current_admin": .string(admin.text),
        ]).encoded()
    }

    /// `truncated` stands there only when it is true; `next` only for clients that read page by page.
    package static func peerList(for peer: PeerID, _ page: PeerPage) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "peer_list")
        writer.member("to_peer_id", peer.text)
        writer.key("peers")
        writer.beginArray()
        for other in page.peers {
            writer.beginObject()
            writer.member("peer_id", other.peer.text)
            writer.member("role", other.role.rawValue)
            writer.member("metadata", raw: other.encoded)
            writer.member("connected_at", Double(other.connectedAt.microseconds) / 1_000_000)
            writer.endObject()
        }
        writer.endArray()
        writer.member("count", page.peers.count)
        if page.isPaged {
            writer.member("next", page.hasMore ? page.peers.last?.place.text : nil)
        } else if page.hasMore {
            writer.member("truncated", true)
        }
        writer.endObject()
        return writer.bytes
    }

    /// What keeps a worker that is behind a proxy alive, and what it wants to hear in every 90 seconds.
    package static let ping = Array(#"{"type":"ping"}"#.utf8)

    package static func metadataUpdated(_ peer: PeerID, _ metadata: PeerMetadata) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "metadata_updated")
        writer.member("peer_id", peer.text)
        writer.member("metadata", .object(metadata.withProperties().object))
        writer.endObject()
        return writer.bytes
    }
}

extension SignalingMessage.RegistryTerms {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.key("limits")
        writer.beginObject()
        writer.member("max_message_bytes", limits.messageBytes)
        writer.member("max_page_models", limits.pageModels)
        writer.member("ping_interval_s", limits.pingIntervalSeconds)
        writer.member("requests_per_s", limits.requestsPerSecond)
        writer.endObject()
        writer.member("epoch", epoch.text)
        writer.member("revision", revision.number)
        writer.member("session_id", session)
    }
}
