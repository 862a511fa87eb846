import JSONWire
import RoomCore
import WireMessages

/// Frames from one peer to another. They are read no further than their routing fields, and never leave the loop.
extension RoomLoop {
    /// `offer`, `answer`, `candidate`: passed on byte for byte; without a target they are dropped without a word, as
    /// peers in the middle of a negotiation expect.
    func relayVerbatim(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session) {
        guard isTruly(session, envelope, bytes) else { return }
        if let target = target(of: envelope, bytes, for: session) {
            if target.isTaken, envelope.type == .offer, isKept(target.reservation, from: session.peer) {
                return tellKept(target.peer, to: session)
            }
            forward(bytes, to: target)
        } else if let remote = remote(of: envelope, bytes) {
            if envelope.type == .offer, isKept(remote.card.reservation, from: session.peer) {
                return tellKept(remote.present.peer, to: session)
            }
            route(bytes, to: remote, from: session, failing: nil, requestID: nil)
        }
    }

    /// `peer_message`: passed on with the four fields it has, under the sender's true id.
    func relayPeerMessage(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session) {
        guard let sender = envelope.sender, let targetSpan = envelope.target, let payload = envelope.payload,
            !isEmpty(payload, bytes), !isEmpty(sender, bytes), !isEmpty(targetSpan, bytes)
        else {
            let error = ErrorMessage.missing("from_peer_id, to_peer_id, payload")
            return refuse(error, to: session, requestID: requestID(envelope, bytes))
        }
        guard isTruly(session, envelope, bytes) else { return }
        guard let target = target(of: envelope, bytes, for: session) else {
            if let remote = remote(of: envelope, bytes) {
                return deliver(payload, of: envelope, bytes, from: session, to: remote)
            }
            let error = ErrorMessage.peerNotFound(name(of: targetSpan, in: bytes))
            return refuse(error, to: session, requestID: requestID(envelope, bytes))
        }
        if target.isTaken, !isOpen(target, to: session.peer),
            let answer = declining(payload, in: bytes, of: target.peer, to: session.peer)
        {
            return offer(answer, to: session)
        }
        if !deliver(payload, of: envelope, bytes, from: session, to: target) {
            let error = ErrorMessage(code: "DELIVERY_FAILED", message: "Failed to deliver message to \(target.peer)")
            refuse(error, to: session, requestID: requestID(envelope, bytes))
        }
    }

    /// A message of just the four fields, whose sender is proved, is passed on as it stands; any other is rebuilt.
    private func deliver(
        _ payload: JSONSpan, of envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session,
        to target: Session
    ) -> Bool {
        if envelope.isExactlyPeerMessage { return forward(bytes, to: target) }
        rebuildPeerMessage(payload, bytes, from: session, to: target.peerBytes)
        return scratch.withUnsafeBytes { forward($0, to: target) }
    }

    private func deliver(
        _ payload: JSONSpan, of envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session,
        to remote: RemotePeer
    ) {
        let peer = remote.present.peer
        if remote.isTaken, !isOpen(remote, to: session.peer),
            let answer = declining(payload, in: bytes, of: peer, to: session.peer)
        {
            return offer(answer, to: session)
        }
        let failure = ErrorMessage(
            code: "DELIVERY_FAILED", message: "Failed to deliver message to \(peer): its server cannot be reached now")
        let requestID = requestID(envelope, bytes)
        if envelope.isExactlyPeerMessage {
            return route(bytes, to: remote, from: session, failing: failure, requestID: requestID)
        }
        rebuildPeerMessage(payload, bytes, from: session, to: Array(peer.text.utf8))
        scratch.withUnsafeBytes { route($0, to: remote, from: session, failing: failure, requestID: requestID) }
    }

    /// Peer ids hold nothing that JSON escapes, so their bytes can be written as they are.
    private func rebuildPeerMessage(
        _ payload: JSONSpan, _ bytes: UnsafeRawBufferPointer, from session: Session, to target: [UInt8]
    ) {
        scratch.removeAll(keepingCapacity: scratch.capacity <= 1 << 16)
        scratch.append(contentsOf: Self.peerMessageStart)
        scratch.append(contentsOf: session.peerBytes)
        scratch.append(contentsOf: Self.peerMessageMiddle)
        scratch.append(contentsOf: target)
        scratch.append(contentsOf: Self.peerMessagePayload)
        scratch.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[payload.rawRange]))
        scratch.append(UInt8(ascii: "}"))
    }

    private static let peerMessageStart = Array(#"{"type":"peer_message","from_peer_id":""#.utf8)
    private static let peerMessageMiddle = Array(#"","to_peer_id":""#.utf8)
    private static let peerMessagePayload = Array(#"","payload":"#.utf8)

    @discardableResult
    func forward(_ bytes: UnsafeRawBufferPointer, to target: Session) -> Bool {
        guard target.outbox.offer(bytes) else {
            overflowed(target)
            return false
        }
        counters.framesRelayed.count()
        return true
    }

    /// Whether a message claims to come from the peer whose socket it came on, and from no other under a second name;
    /// if not, it is refused.
    func isTruly(_ session: Session, _ envelope: Envelope, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let sender = envelope.sender, !envelope.isAmbiguous, names(sender, session, in: bytes) else {
            let text = "This socket is peer \(session.peer); it cannot speak for another"
            refuse(ErrorMessage(code: "FORBIDDEN", message: text), to: session, requestID: requestID(envelope, bytes))
            return false
        }
        return true
    }

    func target(
        of envelope: Envelope, _ bytes: UnsafeRawBufferPointer, for session: Session
    ) -> Session? {
        guard let span = envelope.target, span.kind == .string else { return nil }
        if let last = session.lastTarget, names(span, last, in: bytes) { return last }
        let found =
            span.escaped
            ? PeerID(JSONScanner.decodeString(span, in: bytes)).flatMap { peers.find($0) }
            : peers.find(UnsafeRawBufferPointer(rebasing: bytes[span.range]))
        session.lastTarget = found
        return found
    }

    /// The target when it sits on another server.
    func remote(of envelope: Envelope, _ bytes: UnsafeRawBufferPointer) -> RemotePeer? {
        envelope.target.flatMap { JSONScanner.string($0, in: bytes) }.flatMap(PeerID.init).flatMap(remotes.find)
    }

    private func names(_ span: JSONSpan, _ session: Session, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard span.kind == .string else { return false }
        if span.escaped { return JSONScanner.decodeString(span, in: bytes) == session.peer.text }
        return session.isNamed(UnsafeRawBufferPointer(rebasing: bytes[span.range]))
    }

    /// What the clients' language takes for nothing: null, false, 0, "", {} and [].
    func isEmpty(_ span: JSONSpan, _ bytes: UnsafeRawBufferPointer) -> Bool {
        switch span.kind {
        case .null, .false: true
        case .true: false
        case .string: span.range.isEmpty
        case .number: JSONScanner.double(span, in: bytes) == 0
        // The first byte between the brackets that is no blank belongs to a member.
        case .object, .array: bytes[span.range].dropFirst().dropLast().allSatisfy { $0 <= UInt8(ascii: " ") }
        }
    }
}
