import JSONWire
import RoomCore

/// A peer as the others in its room see it, with what is sent of it encoded once.
package struct PeerDescription: Sendable {
    package let peer: PeerID
    package let role: PeerRole
    package let metadata: PeerMetadata
    package let connectedAt: Timestamp
    package let encoded: [UInt8]
    /// The metadata as a crowded greeting has it.
    package let brief: [UInt8]

    package init(peer: PeerID, role: PeerRole, metadata: PeerMetadata, connectedAt: Timestamp) {
        self.peer = peer
        self.role = role
        self.metadata = metadata
        self.connectedAt = connectedAt
        encoded = metadata.encoded
        brief = encoded.count <= PeerMetadata.briefBytes ? encoded : metadata.brief.encoded
    }

    /// Workers come first, since it is them that others look for; then whoever is here longest.
    package var place: PeerPlace { PeerPlace(isWorker: role == .worker, connectedAt: connectedAt, peer: peer) }
}

/// Where a peer stands in a list. Its text is the cursor that a client gives back to read on.
///
///     w.1760000000000000.worker-1
package struct PeerPlace: Comparable, Sendable {
    package let isWorker: Bool
    package let connectedAt: Timestamp
    package let peer: PeerID

    package init(isWorker: Bool, connectedAt: Timestamp, peer: PeerID) {
        self.isWorker = isWorker
        self.connectedAt = connectedAt
        self.peer = peer
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "w" || parts[0] == "p", let moment = Int64(parts[1]),
            let peer = PeerID(String(parts[2]))
        else { return nil }
        self.init(isWorker: parts[0] == "w", connectedAt: Timestamp(microseconds: moment), peer: peer)
    }

    package var text: String { "\(isWorker ? "w" : "p").\(connectedAt.microseconds).\(peer)" }

    package static func < (left: PeerPlace, right: PeerPlace) -> Bool {
        if left.isWorker != right.isWorker { return left.isWorker }
        if left.connectedAt != right.connectedAt { return left.connectedAt < right.connectedAt }
        return left.peer < right.peer
    }
}
