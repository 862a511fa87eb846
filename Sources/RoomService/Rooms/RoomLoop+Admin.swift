import RoomCore
import RoomStorage
import WireMessages

/// The one place of the mesh's admin, over all servers of the room.
///
/// Whoever claims it while nobody holds it does so from then on, and its presence says since when. The holder is the
/// one that has it longest among all who are present, on whatever server: counted everywhere alike, and nobody's when
/// its holder leaves or its server dies. Two that claim it on two servers at one moment hold it both until they hear
/// of each other; then the later one is told of the conflict and gives it up.
extension RoomLoop {
    var admin: PeerID? {
        var first: (since: Timestamp, peer: PeerID)?
        func look(_ since: Timestamp?, _ peer: PeerID) {
            guard let since else { return }
            if let known = first, (known.since, known.peer) <= (since, peer) { return }
            first = (since, peer)
        }
        for session in peers.all { look(session.adminSince, session.peer) }
        for remote in remotes.all { look(remote.card.adminSince, remote.present.peer) }
        return first?.peer
    }

    /// Takes the place, or tells who has it.
    func claimAdmin(_ session: Session) {
        if let admin, admin != session.peer {
            offer(SignalingMessage.adminConflict(in: room, admin: admin), to: session)
        } else if session.adminSince == nil {
            session.adminSince = now
        }
    }

    /// After somebody who holds the place came into view.
    func settleAdmin(against peer: RemotePeer) {
        guard peer.card.adminSince != nil, let admin else { return }
        for session in peers.all where session.adminSince != nil && session.peer != admin {
            session.adminSince = nil
            enterLive(session)
            offer(SignalingMessage.adminConflict(in: room, admin: admin), to: session)
        }
    }
}
