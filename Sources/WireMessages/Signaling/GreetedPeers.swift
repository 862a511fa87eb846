import JSONWire
import RoomCore

/// The `peer_list` and `peer_metadata` of a greeting.
///
/// Clients refuse frames of more than a mebibyte. Where everything does not fit, metadata is cut to its brief form; where
/// that does not fit either, the admin and the workers that are here longest are listed, `truncated` says so, and
/// `discover_peers` with its filters finds the rest.
struct GreetedPeers {
    private let peers: [PeerDescription]
    private let isBrief: Bool
    private let isTruncated: Bool
    /// What they take.
    let bytes: Int

    init(_ others: [PeerDescription], admin: PeerID?, bytes limit: Int) {
        let whole = others.reduce(0) { $0 + Self.cost($1, isBrief: false) }
        guard whole > limit else {
            self.init(others, isBrief: false, isTruncated: false, bytes: whole)
            return
        }
        var ordered = others.map { (place: $0.place, peer: $0) }
        ordered.sort { left, right in
            if (left.peer.peer == admin) != (right.peer.peer == admin) { return left.peer.peer == admin }
            return left.place < right.place
        }
        var bytes = 0
        let fitting = ordered.prefix { one in
            bytes += Self.cost(one.peer, isBrief: true)
            return bytes <= limit
        }
        self.init(
            fitting.map(\.peer), isBrief: true, isTruncated: fitting.count < others.count, bytes: min(bytes, limit))
    }

    private init(_ peers: [PeerDescription], isBrief: Bool, isTruncated: Bool, bytes: Int) {
        self.peers = peers
        self.isBrief = isBrief
        self.isTruncated = isTruncated
        self.bytes = bytes
    }

    private static func cost(_ peer: PeerDescription, isBrief: Bool) -> Int {
        2 * (peer.peer.text.utf8.count + 4) + (isBrief ? peer.brief : peer.encoded).count
    }

    func write(to writer: inout JSONWriter) {
        writer.key("peer_list")
        writer.beginArray()
        for peer in peers { writer.string(peer.peer.text) }
        writer.endArray()
        writer.key("peer_metadata")
        writer.beginObject()
        for peer in peers {
            writer.key(peer.peer.text)
            writer.raw(isBrief ? peer.brief : peer.encoded)
        }
        writer.endObject()
        if isTruncated { writer.member("truncated", true) }
    }
}
