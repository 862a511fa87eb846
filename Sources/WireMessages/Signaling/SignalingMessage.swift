import JSONWire
import RoomCore

/// A peer as the others in its room see it.
package struct PeerDescription: Sendable {
    package let peer: PeerID
    package let role: PeerRole
    package let metadata: PeerMetadata
    package let connectedAt: Timestamp

    package init(peer: PeerID, role: PeerRole, metadata: PeerMetadata, connectedAt: Timestamp) {
        self.peer = peer
        self.role = role
        self.metadata = metadata
        self.connectedAt = connectedAt
    }
}

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

    package static func registered(
        _ peer: PeerID, in room: RoomID, token: JSONValue, admin: PeerID?, others: [PeerDescription],
        terms: RegistryTerms?, ice: ICEOffer = ICEOffer()
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "registered_auth")
        writer.member("room_id", room.text)
        writer.member("token", token)
        writer.member("peer_id", peer.text)
        writer.member("admin_peer_id", admin?.text)
        writer.member("peer_list", .strings(others.map(\.peer.text)))
        writer.key("peer_metadata")
        writer.beginObject()
        for other in others {
            writer.key(other.peer.text)
            writer.value(.object(other.metadata.object))
        }
        writer.endObject()
        writer.member("ice_servers", .array(ice.servers.map(\.json)))
        writer.member("mesh_ice_servers", .array(ice.mesh.map(\.json)))
        if let terms { terms.write(to: &writer) }
        writer.endObject()
        return writer.bytes
    }

    package static func adminConflict(in room: RoomID, admin: PeerID) -> [UInt8] {
        JSONValue.object([
            "type": "admin_conflict", "room_id": .string(room.text), "current_admin": .string(admin.text),
        ]).encoded()
    }

    package static func peerList(for peer: PeerID, _ found: [PeerDescription]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "peer_list")
        writer.member("to_peer_id", peer.text)
        writer.key("peers")
        writer.beginArray()
        for other in found {
            writer.beginObject()
            writer.member("peer_id", other.peer.text)
            writer.member("role", other.role.rawValue)
            writer.member("metadata", .object(other.metadata.object))
            writer.member("connected_at", Double(other.connectedAt.microseconds) / 1_000_000)
            writer.endObject()
        }
        writer.endArray()
        writer.member("count", found.count)
        writer.endObject()
        return writer.bytes
    }

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
        writer.member("capabilities", .strings([Registration.registryCapability]))
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
