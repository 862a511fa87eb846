import JSONWire
import RoomCore

/// `reserve` and `release`: a client keeps a worker for itself for a term, so that of two only one gets it.
package struct ReservationRequest: Sendable, Equatable {
    package let worker: PeerID
    /// Nil for a release.
    package let termSeconds: Int?
    package let requestID: RequestID

    package static let terms = 1...600
    private static let usualTerm = 60

    package init(_ type: MessageType, _ object: JSONObject) throws(FieldFault) {
        let reader = FieldReader(object)
        requestID = try reader.required("request_id", reader.name("request_id"))
        worker = try reader.required("target", reader.name("target"))
        termSeconds = type == .reserve ? try reader.integer("term_s", in: Self.terms) ?? Self.usualTerm : nil
    }

    package static func reserved(_ worker: PeerID, until end: Timestamp, _ requestID: RequestID) -> [UInt8] {
        JSONValue.object([
            "type": "reserved", "request_id": .string(requestID.text), "peer_id": .string(worker.text),
            "expires_at": .string(end.description),
        ]).encoded()
    }

    package static func released(_ worker: PeerID, _ requestID: RequestID) -> [UInt8] {
        JSONValue.object([
            "type": "released", "request_id": .string(requestID.text), "peer_id": .string(worker.text),
        ]).encoded()
    }
}

extension ErrorMessage {
    /// As workers say it themselves, so that clients know it.
    package static func workerBusy(_ worker: PeerID, status: String) -> ErrorMessage {
        ErrorMessage(
            code: "WORKER_BUSY", message: "Worker \(worker) is currently \(status); choose another one",
            reason: "worker_busy", retryable: true,
            extra: ["target": .string(worker.text), "current_status": .string(status)])
    }

    package static func peerNotFound(_ peer: String) -> ErrorMessage {
        ErrorMessage(code: "PEER_NOT_FOUND", message: "Target peer \(peer) not found")
    }
}
