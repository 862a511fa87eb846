import JSONWire

/// What a socket is told that speaks before it registered. It stays open.
///
/// The server does not know yet whether it is a worker, which takes any `error` for its end: what only workers say
/// before they registered again is answered by a `notice`, which they pass over. Frames of a negotiation are dropped
/// without a word, as they are to a peer that is not there.
package enum StrangerAnswer: Sendable, Equatable {
    case silence
    case error(ErrorMessage)
    case notice(ErrorMessage)

    package init(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer) {
        let said: (ErrorMessage, isWorkers: Bool)
        switch envelope.type {
        case .offer, .answer, .candidate, .error:
            self = .silence
            return
        case .discoverPeers:
            said = (Self.notInRoom("Peer not registered in any room"), false)
        case .updateMetadata:
            said = (Self.notInRoom("Peer not in any room"), true)
        case .peerMessage:
            let isWhole = envelope.sender != nil && envelope.target != nil && envelope.payload != nil
            said = (
                isWhole ? Self.notInRoom("Sender not in any room") : .missing("from_peer_id, to_peer_id, payload"),
                false
            )
        case .meshConnect, .meshAnswer, .iceCandidate, .fsListRes, .jobStatus, .jobProgress, .workerPathOK,
            .workerPathError, .fsCheckVideosResponse, .keyExchangeResponse, .encryptedRelay:
            said = (Self.notInRoom("Sender not in any room"), true)
        case .register, .reserve, .release, .registryPublish, .registryUpdate, .registryAlias, .registryWithdraw,
            .registryRestore, .registryCopy, .registryQuery, .registrySubscribe, .registryUnsubscribe,
            .registryUpload, .registryUploadComplete, .registryDownload:
            said = (ErrorMessage(.notInRoom), false)
        case nil:
            let type = envelope.typeSpan.flatMap { JSONScanner.string($0, in: bytes) }
            said = (ErrorMessage(type.map { .unknownMessageType($0) } ?? .invalid("type is required")), type != nil)
        }
        self = said.isWorkers && envelope.requestID == nil ? .notice(said.0) : .error(said.0)
    }

    private static func notInRoom(_ text: String) -> ErrorMessage { ErrorMessage(code: "NOT_IN_ROOM", message: text) }
}

extension ErrorMessage {
    package static func missing(_ fields: String) -> ErrorMessage {
        ErrorMessage(code: "INVALID_MESSAGE", message: "Missing required fields: \(fields)")
    }
}
