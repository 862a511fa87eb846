import RoomCore
import RoomStorage

/// What travels on the bus and lies in presence hashes, in bytes.
enum Envelope {
    static let version: UInt8 = 1

    enum Kind: UInt8 {
        case committed = 1
        case arrived, left, frame, order, peer
    }

    /// News with the server that told it.
    struct Opened: Equatable {
        let sender: ServerID
        let news: LiveNews
    }

    static func seal(_ notice: RoomNotice, in buffer: inout [UInt8]) {
        EnvelopeWriter.begin(Kind.committed.rawValue, in: &buffer)
        EnvelopeWriter.write(notice.server.text, in: &buffer)
        EnvelopeWriter.write(notice.room.text, in: &buffer)
        EnvelopeWriter.write(notice.epoch.text, in: &buffer)
        EnvelopeWriter.write(notice.base.number, in: &buffer)
        EnvelopeWriter.write(notice.revision.number, in: &buffer)
        EnvelopeWriter.writeCount(notice.changes.count, in: &buffer)
        for change in notice.changes { EnvelopeWriter.write(change, in: &buffer) }
    }

    static func seal(_ frame: RoutedFrame, in buffer: inout [UInt8]) {
        EnvelopeWriter.begin(Kind.frame.rawValue, in: &buffer)
        EnvelopeWriter.write(frame.server.text, in: &buffer)
        EnvelopeWriter.write(frame.room.text, in: &buffer)
        EnvelopeWriter.write(frame.peer.text, in: &buffer)
        EnvelopeWriter.write(frame.session, in: &buffer)
        EnvelopeWriter.write(frame.text, in: &buffer)
    }

    static func seal(_ order: [UInt8], from server: ServerID, in buffer: inout [UInt8]) {
        EnvelopeWriter.begin(Kind.order.rawValue, in: &buffer)
        EnvelopeWriter.write(server.text, in: &buffer)
        EnvelopeWriter.write(order, in: &buffer)
    }

    /// - Parameter kind: `arrived` and `left` for the bus, `peer` for what is stored.
    static func seal(_ peer: PresentPeer, as kind: Kind, in buffer: inout [UInt8]) {
        EnvelopeWriter.begin(kind.rawValue, in: &buffer)
        // First, so that a stored peer of one session is known by how it begins.
        EnvelopeWriter.write(peer.session, in: &buffer)
        EnvelopeWriter.write(peer.server.text, in: &buffer)
        EnvelopeWriter.write(peer.room.text, in: &buffer)
        EnvelopeWriter.write(peer.peer.text, in: &buffer)
        EnvelopeWriter.write(peer.owner, in: &buffer)
        EnvelopeWriter.write(peer.role.rawValue, in: &buffer)
        EnvelopeWriter.write(peer.worker?.text ?? "", in: &buffer)
        EnvelopeWriter.write(Int(peer.connectedAt.microseconds), in: &buffer)
        EnvelopeWriter.write(peer.card, in: &buffer)
    }

    /// How every stored peer of a session begins.
    static func beginning(ofPeerIn session: String) -> [UInt8] {
        var buffer: [UInt8] = []
        EnvelopeWriter.begin(Kind.peer.rawValue, in: &buffer)
        EnvelopeWriter.write(session, in: &buffer)
        return buffer
    }
}

// MARK: - Opening

extension Envelope {
    /// Nil for anything a server of this version would not have sent.
    static func open(_ bytes: [UInt8]) -> Opened? {
        var reader = EnvelopeReader(bytes)
        guard let kind = reader.begin().flatMap(Kind.init(rawValue:)) else { return nil }
        let opened: Opened? =
            switch kind {
            case .committed: notice(from: &reader).map { Opened(sender: $0.server, news: .committed($0)) }
            case .arrived: peer(from: &reader).map { Opened(sender: $0.server, news: .arrived($0)) }
            case .left: peer(from: &reader).map { Opened(sender: $0.server, news: .left($0)) }
            case .frame: frame(from: &reader).map { Opened(sender: $0.server, news: .frame($0)) }
            case .order: order(from: &reader)
            case .peer: nil
            }
        return reader.isAtEnd ? opened : nil
    }

    static func openPeer(_ bytes: [UInt8]) -> PresentPeer? {
        var reader = EnvelopeReader(bytes)
        guard reader.begin() == Kind.peer.rawValue, let peer = peer(from: &reader), reader.isAtEnd else { return nil }
        return peer
    }

    private static func notice(from reader: inout EnvelopeReader) -> RoomNotice? {
        guard let server = reader.text(), let room = reader.text().flatMap({ RoomID($0) }),
            let epoch = reader.text().flatMap({ Epoch($0) }), let base = reader.number().flatMap(Revision.init(wire:)),
            let revision = reader.number().flatMap(Revision.init(wire:)), let count = reader.count(),
            base <= revision, count == 0 || count == revision.number - base.number
        else { return nil }
        var changes: [[UInt8]] = []
        for _ in 0..<count {
            guard let change = reader.field() else { return nil }
            changes.append(change)
        }
        return RoomNotice(
            server: ServerID(server), room: room, epoch: epoch, base: base, revision: revision, changes: changes)
    }

    private static func peer(from reader: inout EnvelopeReader) -> PresentPeer? {
        guard let session = reader.text(), let server = reader.text(), let room = reader.text().flatMap({ RoomID($0) }),
            let peer = reader.text().flatMap({ PeerID($0) }), let owner = reader.text(),
            let role = reader.text().flatMap(PeerRole.init(rawValue:)), let worker = reader.text(),
            worker.isEmpty || WorkerName.isValid(worker), let connectedAt = reader.number(), let card = reader.field()
        else { return nil }
        return PresentPeer(
            room: room, peer: peer, server: ServerID(server), session: session, owner: owner, role: role,
            worker: worker.isEmpty ? nil : WorkerName(trusted: worker),
            connectedAt: Timestamp(microseconds: Int64(connectedAt)), card: card)
    }

    private static func frame(from reader: inout EnvelopeReader) -> RoutedFrame? {
        guard let server = reader.text(), let room = reader.text().flatMap({ RoomID($0) }),
            let peer = reader.text().flatMap({ PeerID($0) }), let session = reader.text(), let text = reader.field()
        else { return nil }
        return RoutedFrame(server: ServerID(server), room: room, peer: peer, session: session, text: text)
    }

    private static func order(from reader: inout EnvelopeReader) -> Opened? {
        guard let server = reader.text(), let order = reader.field() else { return nil }
        return Opened(sender: ServerID(server), news: .order(order))
    }
}
