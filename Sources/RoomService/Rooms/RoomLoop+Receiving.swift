import JSONWire
import RoomCore
import WireMessages

/// What became of a frame.
package enum Reception: Sendable {
    case taken
    /// The peer registers again: its credential must be looked at first. Boxed, since every frame returns one of these.
    indirect case registration(Registration)
}

extension RoomLoop {
    /// One text message of one admitted peer.
    package func receive(_ lent: LentBytes, from id: SessionID) -> Reception {
        guard let session = peers[id] else { return .taken }
        let bytes = lent.bytes
        let envelope: Envelope
        do {
            envelope = try Envelope(bytes)
        } catch {
            refuse(ErrorMessage(error), to: session, requestID: nil)
            return .taken
        }
        switch envelope.type {
        case .peerMessage: relayPeerMessage(envelope, bytes, from: session)
        case .offer, .answer, .candidate: relayVerbatim(envelope, bytes, from: session)
        case .discoverPeers: discover(object(bytes), for: session)
        case .updateMetadata: updateMetadata(object(bytes), envelope, bytes, of: session)
        case .meshConnect, .meshAnswer, .iceCandidate:
            if let message = MeshMessage(envelope.type) { relayMesh(message, envelope, bytes, from: session) }
        case .error: forwardError(envelope, bytes, from: session)
        case .reserve: reservation(.reserve, object(bytes), from: session)
        case .release: reservation(.release, object(bytes), from: session)
        case .fsListRes, .jobStatus, .jobProgress, .workerPathOK, .workerPathError, .fsCheckVideosResponse,
            .keyExchangeResponse, .encryptedRelay:
            publish(envelope, bytes, from: session)
        case .register: return register(object(bytes), session)
        case .registryPublish, .registryUpdate, .registryAlias, .registryWithdraw, .registryRestore, .registryCopy,
            .registryQuery, .registrySubscribe, .registryUnsubscribe, .registryUpload, .registryUploadComplete,
            .registryDownload:
            request(object(bytes), envelope, bytes, from: session)
        case nil:
            refuseUnknown(envelope, bytes, from: session)
        }
        return .taken
    }

    /// The message as a tree; its text was checked already.
    private func object(_ bytes: UnsafeRawBufferPointer) -> JSONObject {
        (try? JSONValue.parse(bytes, maxDepth: WireLimits.jsonDepth))?.objectValue ?? [:]
    }

    /// Without a credential it is a refresh, when it is about just what this socket proved already.
    private func register(_ object: JSONObject, _ session: Session) -> Reception {
        do throws(FieldFault) {
            let registration = try Registration(object)
            guard registration.credential == .none, registration.peer ?? session.peer == session.peer,
                registration.room ?? room == room
            else { return .registration(registration) }
            refresh(session, Entry(identity: session.identity, registration: registration))
            return .taken
        } catch {
            offer(ErrorMessage(.invalid(error.description)).encoded(requestID: nil), to: session)
            return .taken
        }
    }

    private func refuseUnknown(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session) {
        let type = envelope.typeSpan.flatMap { JSONScanner.string($0, in: bytes) }
        let refusal: Refusal = type.map(Refusal.unknownMessageType) ?? .invalid("type is required and must be a text")
        refuse(ErrorMessage(refusal), to: session, requestID: requestID(envelope, bytes))
    }

    /// The request id of a message, when it is a valid one.
    func requestID(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer) -> RequestID? {
        envelope.requestID.flatMap { JSONScanner.string($0, in: bytes) }.flatMap(RequestID.init)
    }
}

// MARK: - Sending

extension RoomLoop {
    func offer(_ frame: [UInt8], to session: Session) {
        if !session.outbox.offer(shared: frame) { overflowed(session) }
    }

    /// The outbox closed the peer; the room lets it go.
    func overflowed(_ session: Session) {
        guard peers[session.id] != nil else { return }
        counters.outboxOverflows.count()
        logger.info("outbox overflow", metadata: ["peer": "\(session.peer)"])
        remove(session)
    }

    /// An error reply. A worker takes any error for its end, so it gets only those it asked for by a request id.
    func refuse(_ error: ErrorMessage, to session: Session, requestID: RequestID?) {
        counters.framesRefused.count()
        guard session.role != .worker || requestID != nil else {
            logger.debug("refused a worker's message", metadata: ["peer": "\(session.peer)", "code": "\(error.code)"])
            return
        }
        offer(error.encoded(requestID: requestID), to: session)
    }

    func send(_ frame: [UInt8], to channel: any PeerChannel) { channel.offer(shared: frame) }
}
