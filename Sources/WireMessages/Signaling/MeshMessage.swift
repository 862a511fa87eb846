import JSONWire
import RoomCore

/// The three messages by which workers knit their mesh: what a peer sends, and what its target gets.
///
///     {"type":"mesh_connect","from_peer_id":"a","target_peer_id":"b","offer":{…}}
///     {"type":"mesh_offer","from_peer_id":"a","offer":{…}}                             at b
package struct MeshMessage: Sendable {
    /// What the target's message is called.
    package let delivered: String
    /// What it carries.
    package let field: String
    private let noun: String
    private let isAnswered: Bool

    /// Nil for any other type.
    package init?(_ type: MessageType?) {
        switch type {
        case .meshConnect: self.init("mesh_offer", "offer", "mesh offer")
        case .meshAnswer: self.init("mesh_answer", "answer", "mesh answer")
        case .iceCandidate: self.init("ice_candidate", "candidate", "ICE candidate", isAnswered: false)
        default: return nil
        }
    }

    private init(_ delivered: String, _ field: String, _ noun: String, isAnswered: Bool = true) {
        self.delivered = delivered
        self.field = field
        self.noun = noun
        self.isAnswered = isAnswered
    }

    /// The target's message. Peer ids hold nothing that JSON escapes.
    package func write(from sender: [UInt8], _ carried: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"type\":\"\(delivered)\",\"from_peer_id\":\"".utf8)
        bytes.append(contentsOf: sender)
        bytes.append(contentsOf: "\",\"\(field)\":".utf8)
        bytes.append(contentsOf: carried)
        bytes.append(UInt8(ascii: "}"))
    }

    package var missingFields: ErrorMessage { .missing("from_peer_id, target_peer_id, \(field)") }

    /// Nil where it is lost without a word: one candidate of many.
    package func notFound(_ target: String) -> ErrorMessage? {
        guard isAnswered else { return nil }
        guard delivered == "mesh_offer" else { return .peerNotFound(target) }
        return ErrorMessage(
            code: "PEER_NOT_FOUND", message: "Target peer \(target) not found", reason: "peer_not_found",
            extra: ["target_peer_id": .string(target)])
    }

    package func notDelivered(_ target: PeerID) -> ErrorMessage? {
        guard isAnswered else { return nil }
        return ErrorMessage(code: "DELIVERY_FAILED", message: "Failed to deliver \(noun) to \(target)")
    }
}
