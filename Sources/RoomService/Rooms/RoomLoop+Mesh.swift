import JSONWire
import RoomCore
import WireMessages

/// What workers say to each other to knit their mesh, and what one peer tells another that went wrong.
extension RoomLoop {
    /// `mesh_connect`, `mesh_answer`, `ice_candidate`: passed on in their own shape under the sender's true id.
    func relayMesh(_ message: MeshMessage, _ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session)
    {
        let requestID = requestID(envelope, bytes)
        guard let sender = envelope.sender, let targetSpan = envelope.target, !isEmpty(sender, bytes),
            !isEmpty(targetSpan, bytes), let carried = member(message.field, in: bytes), !isEmpty(carried, bytes)
        else { return refuse(message.missingFields, to: session, requestID: requestID) }
        guard isTruly(session, envelope, bytes) else { return }
        scratch.removeAll(keepingCapacity: scratch.capacity <= 1 << 16)
        let value = UnsafeRawBufferPointer(rebasing: bytes[carried.rawRange])
        message.write(from: session.peerBytes, value, to: &scratch)
        if let target = target(of: envelope, bytes, for: session) {
            guard !scratch.withUnsafeBytes({ forward($0, to: target) }) else { return }
            if let error = message.notDelivered(target.peer) { refuse(error, to: session, requestID: requestID) }
        } else if let remote = remote(of: envelope, bytes) {
            let failure = message.notDelivered(remote.present.peer)
            scratch.withUnsafeBytes { route($0, to: remote, from: session, failing: failure, requestID: requestID) }
        } else if let error = message.notFound(name(of: targetSpan, in: bytes)) {
            refuse(error, to: session, requestID: requestID)
        }
    }

    /// `error` with a `target`: a worker that cannot take a client says so. It is passed on with the sender's name,
    /// and never to a worker, for which any error is the end.
    func forwardError(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session) {
        guard let targetSpan = envelope.target, targetSpan.kind == .string else {
            return refuse(
                ErrorMessage(.unknownMessageType("error")), to: session, requestID: requestID(envelope, bytes))
        }
        if envelope.sender != nil || envelope.isAmbiguous {
            guard isTruly(session, envelope, bytes) else { return }
        }
        scratch.removeAll(keepingCapacity: scratch.capacity <= 1 << 16)
        scratch.append(contentsOf: bytes)
        if envelope.sender == nil { nameSender(session) }
        if let target = target(of: envelope, bytes, for: session) {
            guard target.role != .worker else { return }
            scratch.withUnsafeBytes { _ = forward($0, to: target) }
        } else if let remote = remote(of: envelope, bytes), remote.present.role != .worker {
            scratch.withUnsafeBytes { route($0, to: remote, from: session, failing: nil, requestID: nil) }
        }
    }

    /// Adds a `sender` to the object in `scratch`, which has a member.
    private func nameSender(_ session: Session) {
        while scratch.last != UInt8(ascii: "}") { scratch.removeLast() }
        scratch.removeLast()
        scratch.append(contentsOf: #","sender":""#.utf8)
        scratch.append(contentsOf: session.peerBytes)
        scratch.append(contentsOf: #""}"#.utf8)
    }

    /// A member of a message that the envelope does not point at; its text was checked already.
    private func member(_ name: String, in bytes: UnsafeRawBufferPointer) -> JSONSpan? {
        var found: JSONSpan?
        try? JSONScanner.scanObject(bytes, maxDepth: WireLimits.jsonDepth) { key, value in
            if JSONScanner.decodeString(key, in: bytes) == name { found = value }
        }
        return found
    }

    /// A target's name, cut to a length that is fit to send back.
    func name(of target: JSONSpan, in bytes: UnsafeRawBufferPointer) -> String {
        String((JSONScanner.string(target, in: bytes) ?? "").unicodeScalars.prefix(128))
    }
}
