import RoomCore

/// The sessions of one room, found by peer id bytes without making a text of them.
struct PeerTable {
    private var byID: [SessionID: Session] = [:]
    /// By a hash of the peer id's bytes; colliding ids share a list.
    private var byHash: [Int: [Session]] = [:]

    var count: Int { byID.count }
    var isEmpty: Bool { byID.isEmpty }
    var all: Dictionary<SessionID, Session>.Values { byID.values }

    subscript(id: SessionID) -> Session? { byID[id] }

    func find(_ peer: UnsafeRawBufferPointer) -> Session? {
        byHash[Self.hash(peer)]?.first { $0.isNamed(peer) }
    }

    func find(_ peer: PeerID) -> Session? {
        Array(peer.text.utf8).withUnsafeBytes { find($0) }
    }

    mutating func insert(_ session: Session) {
        byID[session.id] = session
        byHash[session.peerBytes.withUnsafeBytes { Self.hash($0) }, default: []].append(session)
    }

    mutating func remove(_ session: Session) {
        byID[session.id] = nil
        let hash = session.peerBytes.withUnsafeBytes { Self.hash($0) }
        byHash[hash]?.removeAll { $0 === session }
        if byHash[hash]?.isEmpty == true { byHash[hash] = nil }
    }

    /// Swift's hasher, seeded per process, so that nobody can choose ids that collide.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }
}
