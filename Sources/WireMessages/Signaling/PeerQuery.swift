import JSONWire
import RoomCore

/// What a `discover_peers` asks for. Clients that send `limit` or `cursor` read page by page; the others get as much as
/// one frame may hold.
package struct PeerQuery: Sendable {
    package let filter: PeerFilter
    package let limit: Int
    package let after: PeerPlace?
    package let asksForPages: Bool

    package static let maxLimit = 5000

    package init(_ object: JSONObject) throws(FieldFault) {
        let reader = FieldReader(object)
        filter = PeerFilter(filters: object["filters"])
        let limit = try reader.integer("limit", in: 1...Self.maxLimit)
        self.limit = limit ?? .max
        if let cursor = try reader.string("cursor", maxBytes: 256) {
            guard let place = PeerPlace(cursor) else {
                throw FieldFault("cursor", "must be the `next` of the page before, as it came")
            }
            after = place
        } else {
            after = nil
        }
        asksForPages = limit != nil || reader.has("cursor")
    }

    /// Those of the peers that belong into one frame, and whether there are more.
    package func page(of peers: [PeerDescription], bytes: Int) -> PeerPage {
        let found = peers.filter { filter.matches(role: $0.role, $0.metadata) }
            .map { (place: $0.place, peer: $0) }
            .filter { one in after.map { $0 < one.place } ?? true }
            .sorted { $0.place < $1.place }
        var page = PeerPage(peers: [], hasMore: false, isPaged: asksForPages)
        var left = bytes
        for one in found {
            left -= one.peer.encoded.count + one.peer.peer.text.utf8.count + PeerPage.fixedBytes
            guard left >= 0, page.peers.count < limit else {
                page.hasMore = true
                break
            }
            page.peers.append(one.peer)
        }
        return page
    }
}

package struct PeerPage: Sendable {
    package fileprivate(set) var peers: [PeerDescription]
    package fileprivate(set) var hasMore: Bool
    /// Whether the client reads page by page.
    package let isPaged: Bool

    /// More than the names and numbers around one peer take.
    fileprivate static let fixedBytes = 128
}
