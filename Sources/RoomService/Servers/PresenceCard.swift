import JSONWire
import RoomCore
import WireMessages

/// What the other servers are told of a peer, beside who it is: what others see of it, and which places it holds.
///
///     {"metadata":{…},"admin_since":1760000000000000,"reserved":{"holder":"alice","until":1760000060000000}}
///
/// Every server counts the admin of a room from the cards of all its peers, so every server names the same one.
struct PresenceCard {
    let metadata: PeerMetadata
    let adminSince: Timestamp?
    let reservation: Reservation?

    /// Nothing, for a card that cannot be read.
    init(_ bytes: [UInt8]) {
        let object = (try? JSONValue.parse(bytes, maxDepth: WireLimits.jsonDepth + 2).objectValue) ?? [:]
        metadata = PeerMetadata(object["metadata"]?.objectValue ?? [:])
        adminSince = object["admin_since"]?.intValue.map { Timestamp(microseconds: Int64($0)) }
        reservation = object["reserved"]?.objectValue.flatMap(Reservation.init)
    }

    static func encoded(_ session: Session) -> [UInt8] {
        var writer = JSONWriter(reserving: session.description.encoded.count + 128)
        writer.beginObject()
        writer.member("metadata", raw: session.description.encoded)
        if let since = session.adminSince { writer.member("admin_since", Int(since.microseconds)) }
        if let reservation = session.reservation { writer.member("reserved", .object(reservation.object)) }
        writer.endObject()
        return writer.bytes
    }
}
