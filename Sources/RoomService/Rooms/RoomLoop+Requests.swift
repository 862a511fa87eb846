import Cryptography
import JSONWire
import RoomCore
import WireMessages

/// Requests of the registry protocol: decoded, given their place in the order of replies, and sent their way.
extension RoomLoop {
    func request(
        _ object: JSONObject, _ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session
    ) {
        guard let type = envelope.type else { return }
        defer { pauseIfCrowded(session) }
        guard let requestID = requestID(envelope, bytes) else {
            return refuse(ErrorMessage(.invalid(RequestID.rule)), to: session, requestID: nil)
        }
        if let wait = session.bucket.take(at: now) {
            return answer(.rateLimited(retryAfterMilliseconds: wait), to: session, requestID)
        }
        do {
            let request = try RegistryRequest(type, object, limits: settings.limits, sha256: { SHA256.hex($0) })
            dispatch(request, requestID, bytes: bytes.count, from: session)
        } catch {
            answer(error, to: session, requestID)
        }
    }

    private func dispatch(
        _ request: RegistryRequest, _ requestID: RequestID, bytes: Int, from session: Session
    ) {
        switch request {
        case .write(let write, let key):
            enqueue(write, key, requestID, bytes: bytes, from: session)
        case .query(let query):
            read(.query(query, requestID), for: session)
        case .subscribe(let subscription):
            read(.subscribe(subscription, requestID), for: session)
        case .unsubscribe:
            read(.unsubscribe(requestID), for: session)
        case .files(let files):
            read(.files(files, requestID), for: session)
        }
    }

    /// A refusal that waits for its turn behind the requests before it.
    func answer(_ refusal: Refusal, to session: Session, _ requestID: RequestID) {
        let slot = session.replies.open()
        fill(slot, of: session, with: ErrorMessage(refusal).encoded(requestID: requestID))
    }

    func fill(_ slot: ReplyQueue<PendingRead>.Number, of session: Session, with frame: [UInt8]) {
        session.replies.fill(slot, with: frame)
        advanceReplies(of: session)
    }

    /// Sends what is ready from the front, answering the reads that were waiting for it.
    func advanceReplies(of session: Session) {
        while peers[session.id] != nil, let ready = session.replies.next() {
            switch ready {
            case .frame(let frame): offer(frame, to: session)
            case .deferred(let slot, let read): perform(read, slot, for: session)
            }
        }
        resumeIfQuiet(session)
    }

    private func pauseIfCrowded(_ session: Session) {
        guard session.replies.count >= settings.pipelinedRequests else { return }
        pause(session)
    }

    func pause(_ session: Session) {
        guard !session.readingPaused else { return }
        session.readingPaused = true
        session.outbox.channel.pauseReading()
    }

    func resumeIfQuiet(_ session: Session) {
        guard session.readingPaused, !session.isSlowedDown, session.replies.count < settings.pipelinedRequests / 2
        else { return }
        session.readingPaused = false
        session.outbox.channel.resumeReading()
    }
}
