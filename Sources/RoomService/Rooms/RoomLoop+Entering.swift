import Cryptography
import RoomCore
import RoomStorage
import WireMessages

// MARK: - Coming

extension RoomLoop {
    /// Takes a peer in, or refreshes it when `current` is its session already, and greets it.
    ///
    /// Nil when the peer id belongs to somebody else; the peer has then been told.
    package func enter(_ entry: Entry, channel: any PeerChannel, current: SessionID?) -> SessionID? {
        if let closedBecause {
            channel.close(closedBecause)
            return nil
        }
        let standing = current.flatMap { peers[$0] }
        let peer = entry.registration.peer ?? standing?.peer ?? propose(for: entry)
        if let standing, standing.peer == peer {
            return refresh(standing, entry)
        }
        let holder = peers.find(peer)?.identity.principal ?? remotes.find(peer)?.present.owner
        if let holder, holder != entry.identity.principal {
            counters.registrationsRefused.count()
            let text = "Peer id \(peer) belongs to another user in this room; choose another one"
            send(ErrorMessage(code: "FORBIDDEN", message: text).encoded(requestID: nil), to: channel)
            return nil
        }
        guard hasPlace(for: entry.identity.principal, besides: [standing, peers.find(peer)]) else {
            channel.close(.tooManySockets)
            return nil
        }
        if let standing {
            remove(standing)
            if standing.readingPaused { channel.resumeReading() }
        }
        let replaced = peers.find(peer)
        let session = admit(peer, entry, channel: channel)
        if let replaced {
            session.inherit(admin: replaced.adminSince, replaced.reservation)
            replace(replaced, by: session)
        } else if let moved = remotes.find(peer) {
            session.inherit(admin: moved.card.adminSince, moved.card.reservation)
        }
        if session.reservation != nil { reserved.insert(session.id) }
        greet(session, entry)
        announceArrival(of: session, wasHere: replaced?.actor.worker == session.actor.worker && replaced != nil)
        return session.id
    }

    /// Sessions that go when this one comes take no place from it.
    private func hasPlace(for principal: String, besides leaving: [Session?]) -> Bool {
        peers.count < settings.socketsPerIdentity
            || peers.all.lazy.filter { session in
                session.identity.principal == principal && !leaving.contains { $0 === session }
            }.count < settings.socketsPerIdentity
    }

    private func admit(_ peer: PeerID, _ entry: Entry, channel: any PeerChannel) -> Session {
        lastSessionNumber += 1
        let session = Session(
            id: SessionID(number: lastSessionNumber), publicID: randomHex(bytes: 16), peer: peer, entry: entry,
            channel: channel, settings: settings, at: now)
        counters.registrations.count()
        return session
    }

    /// The newer socket of the same credential stands in the older one's place; the admin slot goes with the peer id.
    private func replace(_ old: Session, by new: Session) {
        forget(old)
        peers.insert(new)
        old.outbox.channel.close(.replaced)
        if let worker = old.actor.worker, worker != new.actor.worker { workerLeft(worker, old) }
    }

    @discardableResult
    func refresh(_ session: Session, _ entry: Entry) -> SessionID {
        let before = session.actor.worker
        // Nobody has what is a worker no more.
        if entry.registration.role != .worker { endReservation(of: session) }
        session.refresh(entry)
        if let before, before != session.actor.worker { workerLeft(before, session) }
        greet(session, entry)
        announceArrival(of: session, wasHere: before == session.actor.worker && before != nil)
        return session.id
    }

    /// `worker-<worker name>-<4 hex>` for a token, `worker-<user>-<4 hex>` for an account key and
    /// `client-<user>-<4 hex>` for a JWT, as clients are used to.
    private func propose(for entry: Entry) -> PeerID {
        let name = entry.identity.workerName?.text ?? entry.identity.username
        let kind = entry.identity.proof == .jwt ? "client" : "worker"
        let stem = name.unicodeScalars.filter {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
        }
        let label = String(String.UnicodeScalarView(stem)).prefix(64)
        for _ in 0..<32 {
            let peer = PeerID(trusted: "\(kind)-\(label)-\(randomHex(bytes: 2))")
            if peers.find(peer) == nil, remotes.find(peer) == nil { return peer }
        }
        // A room of tens of thousands.
        return PeerID(trusted: "\(kind)-\(label)-\(randomHex(bytes: 16))-\(lastSessionNumber)")
    }

    /// An id that only has to differ; when the system has no randomness to give, the session number does.
    private func randomHex(bytes: Int) -> String {
        (try? SecureRandom.hex(bytes: bytes)) ?? String(lastSessionNumber, radix: 16)
    }
}

// MARK: - Greeting

extension RoomLoop {
    private func greet(_ session: Session, _ entry: Entry) {
        if peers[session.id] == nil { peers.insert(session) }
        if entry.registration.claimsAdmin { claimAdmin(session) }
        let others = descriptions(besides: session)
        let terms =
            session.hasRegistry
            ? SignalingMessage.RegistryTerms(
                limits: settings.limits, epoch: manifest.epoch, revision: manifest.revision, session: session.publicID)
            : nil
        let greeting = SignalingMessage.registered(
            session.peer, in: room, token: entry.registration.token, admin: admin, others: others,
            capabilities: session.capabilities.sorted(), terms: terms,
            ice: settings.ice.offer(to: session.identity.user, at: now), peerBytes: settings.limits.pageBytes)
        offer(greeting, to: session)
    }

    private func announceArrival(of session: Session, wasHere: Bool) {
        // The greeting may have been too much for its outbox.
        guard peers[session.id] != nil else { return }
        enterLive(session)
        guard let worker = session.actor.worker else { return }
        presence.arrive(worker, at: now)
        dependencies.sightings.note(worker, in: room, at: now)
        if !wasHere { tellPresence(of: session, online: true) }
    }

    /// Everyone else in the room, on this server and on others; a peer that is moving between them stands once.
    func descriptions(besides session: Session) -> [PeerDescription] {
        peers.all.filter { $0 !== session }.map(\.description)
            + remotes.all.filter { peers.find($0.present.peer) == nil }.map(\.description)
    }
}

// MARK: - Going

extension RoomLoop {
    /// A socket ended. Only its own session goes: one that was replaced has gone already.
    package func leave(_ id: SessionID) {
        guard let session = peers[id] else { return }
        remove(session)
    }

    func remove(_ session: Session) {
        guard peers[session.id] != nil else { return }
        forget(session)
        leaveLive(session)
        freeWorkers(of: session.peer)
        if let worker = session.actor.worker { workerLeft(worker, session) }
    }

    /// Takes a session out of every table.
    private func forget(_ session: Session) {
        peers.remove(session)
        reserved.remove(session.id)
        unsubscribe(session)
        for other in peers.all where other.lastTarget === session { other.lastTarget = nil }
        session.lastTarget = nil
    }

    /// The worker is offline once no other socket of its name is left.
    private func workerLeft(_ worker: WorkerName, _ session: Session) {
        if !isOnline(worker, besides: session) { presence.leave(worker, at: now) }
        dependencies.sightings.note(worker, in: room, at: now)
        tellPresence(of: session, online: false)
    }

    func tellPresence(of session: Session, online: Bool) {
        let listeners = watchers.filter { $0.watch?.presence == true && $0 !== session }
        guard !listeners.isEmpty else { return }
        let event = RegistryEvent.presence(
            of: session.peer, role: session.role, online: online,
            properties: session.description.metadata.properties)
        for listener in listeners { offer(event, to: listener) }
    }
}
