import RoomCore
import RoomStorage

/// What goes over the bus, in bytes.
///
///     'R' version kind │ committed: server room epoch base revision count change…
///                      │ arrived, left: room peer entry      (the entry as it stands in the room's hash)
///                      │ frame: server room peer session text
///                      │ order: server bytes
enum Envelope {
    private static let mark: [UInt8] = [UInt8(ascii: "R"), 1]
    private static let maxCarried = 256 * 1024

    private enum Kind: UInt8 { case committed = 1, arrived, left, frame, order }

    enum Content: Equatable {
        case news(LiveNews, from: ServerID)
        case order([UInt8], from: ServerID)
    }

    // MARK: Writing

    static func committed(_ notice: RoomNotice) -> [UInt8] {
        let size = notice.changes.reduce(0) { $0 + $1.count }
        let changes = size <= maxCarried ? notice.changes : []
        var bytes = mark
        bytes.reserveCapacity((changes.isEmpty ? 0 : size) + changes.count * 4 + 256)
        bytes.append(Kind.committed.rawValue)
        for text in [notice.server.text, notice.room.text, notice.epoch.text] { bytes.append(text: text) }
        bytes.append(number: Int64(notice.base.number))
        bytes.append(number: Int64(notice.revision.number))
        bytes.append(length: changes.count)
        for change in changes { bytes.append(counted: change) }
        return bytes
    }

    static func arrived(_ peer: PresentPeer) -> [UInt8] { presence(.arrived, peer) }

    static func left(_ peer: PresentPeer) -> [UInt8] { presence(.left, peer) }

    private static func presence(_ kind: Kind, _ peer: PresentPeer) -> [UInt8] {
        var bytes = mark + [kind.rawValue]
        bytes.append(text: peer.room.text)
        bytes.append(text: peer.peer.text)
        bytes.append(counted: PresenceEntry.encode(peer))
        return bytes
    }

    static func size(of frame: RoutedFrame) -> Int {
        mark.count + 1 + 20 + frame.server.text.utf8.count + frame.room.text.utf8.count + frame.peer.text.utf8.count
            + frame.session.utf8.count + frame.text.count
    }

    static func append(_ frame: RoutedFrame, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: mark)
        bytes.append(Kind.frame.rawValue)
        bytes.append(text: frame.server.text)
        bytes.append(text: frame.room.text)
        bytes.append(text: frame.peer.text)
        bytes.append(text: frame.session)
        bytes.append(counted: frame.text)
    }

    static func order(_ order: [UInt8], from server: ServerID) -> [UInt8] {
        var bytes = mark + [Kind.order.rawValue]
        bytes.append(text: server.text)
        bytes.append(counted: order)
        return bytes
    }

    // MARK: Reading

    /// Nil for what none of our servers wrote.
    static func read(_ bytes: [UInt8]) -> Content? {
        var reader = BinaryReader(bytes)
        guard reader.byte() == mark[0], reader.byte() == mark[1], let kind = reader.byte().flatMap(Kind.init) else {
            return nil
        }
        let content: Content? =
            switch kind {
            case .committed: notice(&reader).map { .news(.committed($0), from: $0.server) }
            case .arrived: peer(&reader).map { .news(.arrived($0), from: $0.server) }
            case .left: peer(&reader).map { .news(.left($0), from: $0.server) }
            case .frame: frame(&reader).map { .news(.frame($0), from: $0.server) }
            case .order: order(&reader)
            }
        return reader.isAtEnd ? content : nil
    }

    private static func notice(_ reader: inout BinaryReader) -> RoomNotice? {
        guard let server = reader.text(), let room = reader.text().flatMap({ RoomID($0) }),
            let epoch = reader.text().flatMap({ Epoch($0) }), let base = reader.number().flatMap(revision),
            let revision = reader.number().flatMap(revision), base < revision, let count = reader.length(),
            count == 0 || count == revision.number - base.number
        else { return nil }
        var changes: [[UInt8]] = []
        for _ in 0..<count {
            guard let change = reader.bytes() else { return nil }
            changes.append(change)
        }
        return RoomNotice(
            server: ServerID(server), room: room, epoch: epoch, base: base, revision: revision, changes: changes)
    }

    private static func revision(_ number: Int64) -> Revision? { Revision(wire: Int(number)) }

    private static func peer(_ reader: inout BinaryReader) -> PresentPeer? {
        guard let room = reader.text().flatMap({ RoomID($0) }), let peer = reader.text().flatMap({ PeerID($0) }),
            let entry = reader.bytes()
        else { return nil }
        return PresenceEntry.decode(entry, peer: peer, in: room)
    }

    private static func frame(_ reader: inout BinaryReader) -> RoutedFrame? {
        guard let server = reader.text(), let room = reader.text().flatMap({ RoomID($0) }),
            let peer = reader.text().flatMap({ PeerID($0) }), let session = reader.text(), let text = reader.bytes()
        else { return nil }
        return RoutedFrame(server: ServerID(server), room: room, peer: peer, session: session, text: text)
    }

    private static func order(_ reader: inout BinaryReader) -> Content? {
        guard let server = reader.text(), let bytes = reader.bytes() else { return nil }
        return .order(bytes, from: ServerID(server))
    }
}
