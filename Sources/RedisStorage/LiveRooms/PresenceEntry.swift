import RoomCore
import RoomStorage

/// A peer as it stands in the hash of its room.
///
///     connectedAt (8, sign flipped: byte order is time order) │ session │ server owner role worker card
///
/// Time and session come first, for the scripts compare them.
enum PresenceEntry {
    static func encode(_ peer: PresentPeer) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(peer.card.count + 256)
        bytes.append(number: peer.connectedAt.microseconds ^ .min)
        bytes.append(text: peer.session)
        bytes.append(text: peer.server.text)
        bytes.append(text: peer.owner)
        bytes.append(text: peer.role.rawValue)
        bytes.append(text: peer.worker?.text ?? "")
        bytes.append(counted: peer.card)
        return bytes
    }

    static func decode(_ bytes: [UInt8], peer: PeerID, in room: RoomID) -> PresentPeer? {
        var reader = BinaryReader(bytes)
        guard let moment = reader.number(), let session = reader.text(), let server = reader.text(),
            let owner = reader.text(), let role = reader.text().flatMap(PeerRole.init), let worker = reader.text(),
            worker.isEmpty || WorkerName.isValid(worker), let card = reader.bytes(), reader.isAtEnd
        else { return nil }
        return PresentPeer(
            room: room, peer: peer, server: ServerID(server), session: session, owner: owner, role: role,
            worker: worker.isEmpty ? nil : WorkerName(trusted: worker),
            connectedAt: Timestamp(microseconds: moment ^ .min), card: card)
    }
}
