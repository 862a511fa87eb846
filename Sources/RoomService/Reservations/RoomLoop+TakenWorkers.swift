import Glibc
import JSONWire
import RoomCore
import WireMessages

/// Clients that know no `reserve` are kept from a worker that is taken in the words that the worker itself would use,
/// so that no worker is given two jobs in the moment before it knows of the first.
extension RoomLoop {
    /// What a worker that is taken answers to a `job_request`; nil for any other message.
    func declining(
        _ payload: JSONSpan, in bytes: UnsafeRawBufferPointer, of worker: PeerID, to sender: PeerID
    ) -> [UInt8]? {
        let text = UnsafeRawBufferPointer(rebasing: bytes[payload.rawRange])
        guard payload.kind == .object, text.mentions("job_request"),
            let object = try? JSONValue.parse(text, maxDepth: WireLimits.jsonDepth).objectValue,
            object["app_message_type"] == "job_request"
        else { return nil }
        let response: JSONObject = [
            "app_message_type": "job_response", "job_id": object["job_id"] ?? .null, "accepted": false,
            "reason": "busy",
        ]
        return JSONValue.object([
            "type": "peer_message", "from_peer_id": .string(worker.text), "to_peer_id": .string(sender.text),
            "payload": .object(response),
        ]).encoded()
    }

    /// Whether a worker may be asked by this peer: it is free, or kept for just this one.
    func isOpen(_ worker: Session, to sender: PeerID) -> Bool {
        let status = worker.metadata.status ?? Session.available
        guard let reservation = worker.reservation, reservation.until > now else { return status == Session.available }
        return reservation.holder == sender
    }

    func isOpen(_ worker: RemotePeer, to sender: PeerID) -> Bool {
        guard let reservation = worker.card.reservation, reservation.until > now else { return !worker.isTaken }
        return reservation.holder == sender
    }

    /// Whether the worker is kept for somebody else than this session. What its own status says, it answers itself.
    func isKept(_ worker: Reservation?, from sender: PeerID) -> Bool {
        worker.map { $0.holder != sender && $0.until > now } ?? false
    }

    /// What a worker answers to an `offer` while it is taken.
    func tellKept(_ worker: PeerID, to session: Session) {
        refuse(.workerBusy(worker, status: "reserved"), to: session, requestID: nil)
    }

    /// A message from another server that came while its worker was being taken here; true when it was answered.
    func declines(_ text: [UInt8], from server: (PeerID, [UInt8]) -> Void, for worker: Session) -> Bool {
        text.withUnsafeBytes { bytes in
            guard bytes.mentions("job_request"), let envelope = try? Envelope(bytes), envelope.type == .peerMessage,
                let payload = envelope.payload,
                let sender = envelope.sender.flatMap({ JSONScanner.string($0, in: bytes) }).flatMap({ PeerID($0) }),
                !isOpen(worker, to: sender),
                let answer = declining(payload, in: bytes, of: worker.peer, to: sender)
            else { return false }
            server(sender, answer)
            return true
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A quick look before anything is parsed.
    fileprivate func mentions(_ word: StaticString) -> Bool {
        guard var place = baseAddress, word.utf8CodeUnitCount > 0 else { return false }
        let end = place + count
        while end - place >= word.utf8CodeUnitCount,
            let found = memchr(place, Int32(word.utf8Start.pointee), end - place - word.utf8CodeUnitCount + 1)
        {
            if memcmp(found, word.utf8Start, word.utf8CodeUnitCount) == 0 { return true }
            place = UnsafeRawPointer(found) + 1
        }
        return false
    }
}
