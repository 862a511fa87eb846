import JSONWire

/// The routing fields of a message, pointed at and not decoded.
///
/// A relayed frame is read no further than this. The whole text was checked, so its bytes may be passed on.
package struct Envelope: Sendable {
    package private(set) var type: MessageType?
    package private(set) var typeSpan: JSONSpan?
    package private(set) var requestID: JSONSpan?
    /// `from_peer_id`, `sender` or `peer_id`: who the message claims to come from.
    package private(set) var sender: JSONSpan?
    /// `to_peer_id`, `target` or `target_peer_id`.
    package private(set) var target: JSONSpan?
    package private(set) var payload: JSONSpan?
    package private(set) var jobID: JSONSpan?
    /// Whether the sender or the target stands there under two names. Whoever reads the frame next may take the other
    /// one, so it is passed on to nobody.
    package private(set) var isAmbiguous = false
    private var memberCount = 0
    private var peerNames = 0

    /// Whether these are the four fields of a `peer_message` under their own names, and no others.
    package var isExactlyPeerMessage: Bool { memberCount == 4 && peerNames == 2 && typeSpan != nil && payload != nil }

    package init(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
        var envelope = Envelope()
        try JSONScanner.scanObject(bytes, maxDepth: WireLimits.jsonDepth) { key, value in
            if key.escaped {
                envelope.note(JSONScanner.decodeString(key, in: bytes), value)
            } else {
                envelope.note(key, value, in: bytes)
            }
        }
        if let span = envelope.typeSpan { envelope.type = MessageType(span, in: bytes) }
        self = envelope
    }

    private init() {}

    @inline(__always)
    private mutating func note(_ key: JSONSpan, _ value: JSONSpan, in bytes: UnsafeRawBufferPointer) {
        memberCount &+= 1
        switch key.range.count {
        case 4 where JSONScanner.matches(key, "type", in: bytes): typeSpan = value
        case 6 where JSONScanner.matches(key, "sender", in: bytes): noteSender(value)
        case 6 where JSONScanner.matches(key, "target", in: bytes): noteTarget(value)
        case 6 where JSONScanner.matches(key, "job_id", in: bytes): jobID = value
        case 7 where JSONScanner.matches(key, "payload", in: bytes): payload = value
        case 7 where JSONScanner.matches(key, "peer_id", in: bytes): notePeer(value)
        case 10 where JSONScanner.matches(key, "to_peer_id", in: bytes):
            noteTarget(value)
            peerNames &+= 1
        case 10 where JSONScanner.matches(key, "request_id", in: bytes): requestID = value
        case 12 where JSONScanner.matches(key, "from_peer_id", in: bytes):
            noteSender(value)
            peerNames &+= 1
        case 14 where JSONScanner.matches(key, "target_peer_id", in: bytes): noteTarget(value)
        default: break
        }
    }

    @inline(__always)
    private mutating func noteSender(_ value: JSONSpan) {
        if sender != nil { isAmbiguous = true }
        sender = value
    }

    /// `peer_id` is the sender where nothing better says so.
    private mutating func notePeer(_ value: JSONSpan) {
        let better = sender
        noteSender(value)
        sender = better ?? value
    }

    @inline(__always)
    private mutating func noteTarget(_ value: JSONSpan) {
        if target != nil { isAmbiguous = true }
        target = value
    }

    /// A name written with escapes is the same name to whoever reads the frame next, so it may not pass unseen.
    private mutating func note(_ name: String, _ value: JSONSpan) {
        memberCount &+= 1
        switch name {
        case "type": typeSpan = value
        case "sender", "from_peer_id": noteSender(value)
        case "peer_id": notePeer(value)
        case "target", "to_peer_id", "target_peer_id": noteTarget(value)
        case "payload": payload = value
        case "request_id": requestID = value
        case "job_id": jobID = value
        default: break
        }
    }
}
