import JSONWire
import RoomCore
import WireMessages

/// Who is here, and what they say of themselves.
extension RoomLoop {
    func discover(_ object: JSONObject, for session: Session) {
        let requestID = object["request_id"]?.stringValue.flatMap { RequestID($0) }
        if let claimed = object["from_peer_id"], claimed != .string(session.peer.text) {
            let text = "This socket is peer \(session.peer); it cannot ask for another"
            return refuse(ErrorMessage(.forbidden(text)), to: session, requestID: requestID)
        }
        guard mayAsk(session, requestID) else { return }
        do throws(FieldFault) {
            let page = try PeerQuery(object).page(of: descriptions(besides: session), bytes: settings.limits.pageBytes)
            offer(SignalingMessage.peerList(for: session.peer, page), to: session)
        } catch {
            refuse(ErrorMessage(.invalid(error.description)), to: session, requestID: requestID)
        }
    }

    /// Merges what is given: tags are added, those in `remove_tags` taken away, properties overlaid.
    func updateMetadata(
        _ object: JSONObject, _ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, of session: Session
    ) {
        let requestID = requestID(envelope, bytes)
        guard mayAsk(session, requestID) else { return }
        let removed = object["remove_tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let update = object["metadata"]?.objectValue ?? [:]
        guard !update.isEmpty || !removed.isEmpty, let sender = envelope.sender, !isEmpty(sender, bytes) else {
            return refuse(.missing("peer_id, metadata"), to: session, requestID: requestID)
        }
        guard isTruly(session, envelope, bytes) else { return }
        let merged = session.metadata.merging(update, removing: removed)
        guard merged.isWithinBounds else {
            let text = "metadata would be over \(PeerMetadata.maxBytes) bytes"
            return refuse(ErrorMessage(.tooLarge(text)), to: session, requestID: requestID)
        }
        let isNew = merged != session.metadata
        if isNew {
            session.update(merged)
            enterLive(session)
        }
        offer(SignalingMessage.metadataUpdated(session.peer, merged), to: session)
        if isNew, session.actor.worker != nil { tellPresence(of: session, online: true) }
    }

    /// Takes a request from what the socket may ask in this second; when it may not, it is told.
    func mayAsk(_ session: Session, _ requestID: RequestID?) -> Bool {
        guard let wait = session.bucket.take(at: now) else { return true }
        refuse(ErrorMessage(.rateLimited(retryAfterMilliseconds: wait)), to: session, requestID: requestID)
        return false
    }

    /// Workers wait for a word in every 90 seconds, behind proxies that answer WebSocket pings themselves. Others get
    /// none: some clients take the next frame for the answer to what they asked.
    package func pingWorkers() {
        for session in Array(peers.all) where session.role == .worker { offer(SignalingMessage.ping, to: session) }
    }
}
