import RoomCore
import RoomStorage
import WireMessages

/// The same room on other servers: what they committed, who sits there, and frames from there.
extension RoomLoop {
    package func hear(_ news: [LiveNews]) {
        for item in news { hear(item) }
    }

    private func hear(_ news: LiveNews) {
        switch news {
        case .committed(let notice): hear(notice)
        case .arrived(let peer):
            remoteLook?.heardOf.insert(peer.peer)
            remoteArrived(peer)
        case .left(let peer):
            remoteLook?.heardOf.insert(peer.peer)
            remoteLeft(peer)
        case .frame(let frame): deliver(frame)
        case .outOfStep: renewLive()
        case .order, .interrupted: break
        }
    }

    /// Another server moved the room. Its changes are taken as they come when they follow on what is here; in every
    /// other case the record is read.
    func hear(_ notice: RoomNotice) {
        guard notice.epoch == manifest.epoch else { return catchUpSoon() }
        guard notice.revision > manifest.revision else { return }
        rivals.wrote()
        let known = manifest.revision.number - notice.base.number
        guard known >= 0, notice.changes.count == notice.revision.number - notice.base.number else {
            return catchUpSoon()
        }
        for body in notice.changes.dropFirst(known) {
            guard let change = try? Change(recorded: body), change.revision == manifest.revision.successor else {
                return catchUpSoon()
            }
            fold(change)
        }
    }

    /// Where the record stands, looked up by somebody else.
    func compare(with head: RoomHead) {
        guard head.epoch != manifest.epoch || head.revision > manifest.revision else { return }
        catchUpSoon()
    }

    /// Reads what the record has and this room has not, before anybody comes in.
    func reach(_ head: RoomHead) async {
        guard head.epoch != manifest.epoch || head.revision > manifest.revision else { return }
        await catchUpNow()
    }

    /// Puts the manifest into the live rooms again, where it may have been lost.
    func renewLive() { dependencies.live.store(LiveManifest(manifest)) }

    // MARK: Presence

    func enterLive(_ session: Session) {
        dependencies.live.enter(PresentPeer(session, in: room, on: dependencies.server))
    }

    func leaveLive(_ session: Session) {
        dependencies.live.leave(PresentPeer(session, in: room, on: dependencies.server))
    }

    /// The peers of this server, to be renewed.
    package var present: [PresentPeer] {
        peers.all.map { PresentPeer($0, in: room, on: dependencies.server) }
    }

    private func remoteArrived(_ peer: PresentPeer) {
        guard peer.server != dependencies.server else { return }
        let arrived = RemotePeer(peer)
        let before = remotes.insert(arrived)
        if let standing = peers.find(peer.peer) { giveWay(standing, to: peer) }
        if let worker = peer.worker { presence.arrive(worker, at: now) }
        if let before, before.present.worker != peer.worker { remoteWorkerLeft(before) }
        let wasHere = before?.present.session == peer.session && before?.present.worker == peer.worker
        if peer.worker != nil, !wasHere || before?.metadata != arrived.metadata {
            tellPresence(of: arrived, online: true)
        }
        settleAdmin(against: arrived)
    }

    /// The newer socket of the same credential stands in the older one's place, wherever it is.
    private func giveWay(_ session: Session, to peer: PresentPeer) {
        guard session.identity.principal == peer.owner, peer.connectedAt >= session.connectedAt else { return }
        session.outbox.channel.close(.replaced)
        remove(session)
    }

    private func remoteLeft(_ peer: PresentPeer) {
        guard let gone = remotes.remove(peer) else { return }
        freeWorkers(of: peer.peer)
        remoteWorkerLeft(gone)
    }

    private func remoteWorkerLeft(_ peer: RemotePeer) {
        guard let worker = peer.present.worker else { return }
        if !isOnline(worker) { presence.leave(worker, at: now) }
        tellPresence(of: peer, online: false)
    }

    /// Whether a socket of this worker is open on any server.
    func isOnline(_ worker: WorkerName, besides session: Session? = nil) -> Bool {
        peers.all.contains { $0 !== session && $0.actor.worker == worker }
            || remotes.all.contains { $0.present.worker == worker }
    }

    /// Compares who is known to sit elsewhere with who really does; one look at a time.
    package func refreshRemotes() async {
        guard remoteLook == nil else {
            remoteLook?.isOutdated = true
            return
        }
        var goesOn = true
        while goesOn {
            remoteLook = RemoteLook()
            let found = await dependencies.live.presence(in: room)
            let look = remoteLook ?? RemoteLook()
            remoteLook = nil
            goesOn = look.isOutdated
            if let found { settleRemotes(found, besides: look.heardOf) }
        }
    }

    private func settleRemotes(_ found: [PresentPeer], besides heardOf: Set<PeerID>) {
        let others = found.filter { $0.server != dependencies.server }
        let sessions = Set(others.map(\.session))
        for peer in remotes.all
        where !sessions.contains(peer.present.session) && !heardOf.contains(peer.present.peer) {
            remoteLeft(peer.present)
        }
        for peer in others where !heardOf.contains(peer.peer) { remoteArrived(peer) }
    }

    /// Servers that no longer live have lost their sockets.
    package func dropRemotes(notOn living: Set<ServerID>) {
        for peer in remotes.all where !living.contains(peer.present.server) { remoteLeft(peer.present) }
    }

    private func tellPresence(of peer: RemotePeer, online: Bool) {
        let listeners = watchers.filter { $0.watch?.presence == true }
        guard !listeners.isEmpty else { return }
        let event = RegistryEvent.presence(
            of: peer.present.peer, role: peer.present.role, online: online, properties: peer.metadata.properties)
        for listener in listeners { offer(event, to: listener) }
    }

    // MARK: Frames

    /// A frame from another server, for one session and none that came after it.
    private func deliver(_ frame: RoutedFrame) {
        if frame.text.first == ReservationOrder.mark {
            if let order = ReservationOrder(frame.text) { obey(order) }
            return
        }
        guard let session = peers.find(frame.peer), session.publicID == frame.session else { return }
        if frame.text.first == JobOrder.mark {
            if let order = JobOrder(frame.text) { obey(order, for: session) }
            return
        }
        if session.isTaken, declines(frame.text, from: answerRemote, for: session) { return }
        guard session.outbox.offer(shared: frame.text) else { return overflowed(session) }
        counters.framesRelayed.count()
    }

    private func answerRemote(_ peer: PeerID, _ text: [UInt8]) {
        guard let target = remotes.find(peer)?.present else { return }
        dependencies.live.route(
            RoutedFrame(server: target.server, room: room, peer: peer, session: target.session, text: text),
            answer: { _ in })
    }

    /// Sends a frame to a peer on another server; its sender hears of the failure when that server was not listening.
    func route(
        _ text: UnsafeRawBufferPointer, to peer: RemotePeer, from session: Session, failing failure: ErrorMessage?,
        requestID: RequestID?
    ) {
        let target = peer.present
        let sender = session.id
        let frame = RoutedFrame(
            server: target.server, room: room, peer: target.peer, session: target.session, text: Array(text))
        counters.framesRouted.count()
        dependencies.live.route(frame) { delivered in
            guard !delivered, let failure else { return }
            Task { await self.undelivered(failure, requestID, from: sender) }
        }
    }

    private func undelivered(_ failure: ErrorMessage, _ requestID: RequestID?, from id: SessionID) {
        guard let session = peers[id] else { return }
        refuse(failure, to: session, requestID: requestID)
    }
}

extension LiveManifest {
    init(_ manifest: Manifest) {
        self.init(
            room: manifest.room, epoch: manifest.epoch, revision: manifest.revision,
            fields: manifest.pieces.map { LiveField(name: $0.name, value: $0.value) })
    }
}

extension Manifest {
    init(_ live: LiveManifest) throws(RecordFault) {
        try self.init(
            room: live.room, epoch: live.epoch, revision: live.revision,
            pieces: live.fields.lazy.map { ($0.name, $0.value) })
    }
}
