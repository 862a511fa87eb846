import RoomCore
import RoomStorage
import WireMessages

// MARK: - Subscribing

extension RoomLoop {
    func subscribe(
        _ session: Session, _ subscription: Subscription, _ requestID: RequestID,
        _ slot: ReplyQueue<PendingRead>.Number
    ) {
        unsubscribe(session)
        let resumed = subscription.since.flatMap { resumePoint($0) }
        if let resumed, tail[resumed] == nil, resumed <= manifest.revision {
            return checkHistory(session.id, subscription, from: resumed, requestID, slot)
        }
        begin(session, subscription, from: resumed, requestID, slot)
    }

    /// The first revision that a peer which saw `position` has not seen; nil when it must begin with a snapshot.
    private func resumePoint(_ position: Subscription.Position) -> Revision? {
        guard position.epoch == manifest.epoch, position.revision <= manifest.revision else { return nil }
        return position.revision.successor
    }

    /// Whether the record still has the changes to resume from; if not, the peer gets a snapshot.
    private func checkHistory(
        _ id: SessionID, _ subscription: Subscription, from revision: Revision, _ requestID: RequestID,
        _ slot: ReplyQueue<PendingRead>.Number
    ) {
        Task {
            let head = try? await dependencies.manifests.head(of: room)
            guard let session = peers[id] else { return }
            let isKept =
                head.map { head in
                    head.floor < revision
                        && [head.epoch, subscription.since?.epoch].allSatisfy { $0 == manifest.epoch }
                } ?? false
            begin(session, subscription, from: isKept ? revision : nil, requestID, slot)
            advanceReplies(of: session)
        }
    }

    private func begin(
        _ session: Session, _ subscription: Subscription, from resumed: Revision?, _ requestID: RequestID,
        _ slot: ReplyQueue<PendingRead>.Number
    ) {
        let stage: Watch.Stage = resumed == nil ? .snapshot(matching(subscription.filter)[...]) : .changes
        let reply = RegistryReply.subscribed(
            epoch: manifest.epoch, revision: manifest.revision, mode: resumed == nil ? .snapshot : .resume)
        session.replies.fill(slot, with: reply.frame(for: requestID))
        if case .frame(let frame)? = session.replies.next() { offer(frame, to: session) }
        guard peers[session.id] != nil else { return }
        session.watch = Watch(
            filter: subscription.filter, live: liveQueries.join(subscription.filter), presence: subscription.presence,
            stage: stage,
            next: resumed ?? manifest.revision.successor)
        watchers.append(session)
        if subscription.presence { tellWhoIsHere(session) }
        advanceWatch(of: session)
    }

    private func matching(_ filter: ModelFilter) -> [ModelEntry] {
        manifest.matching(filter, presence: presence, by: &search)
    }

    private func tellWhoIsHere(_ session: Session) {
        for peer in descriptions(besides: session) where peer.role == .worker {
            let event = RegistryEvent.presence(
                of: peer.peer, role: peer.role, online: true, properties: peer.metadata.properties)
            offer(event, to: session)
        }
    }

    func unsubscribe(_ session: Session) {
        guard let watch = session.watch else { return }
        liveQueries.leave(watch.live)
        session.watch = nil
        watchers.removeAll { $0 === session }
    }
}

// MARK: - Telling

extension RoomLoop {
    /// Encodes a change once and offers it to every watcher that is up to date and has room; the others come to it.
    func broadcast(_ change: Change) {
        guard !watchers.isEmpty else { return tail.clear() }
        let event = RegistryEvent.changed(change, epoch: manifest.epoch, presence: presence)
        let item = ChangeTail.Item(change: change, event: event)
        tail.append(item)
        var frames = MatchedFrames()
        for session in watchers {
            guard let watch = session.watch, case .changes = watch.stage, watch.next == change.revision,
                !watch.isFetching, !session.outbox.isBusy
            else { continue }
            tell(item, to: session, &frames)
        }
    }

    private func tell(_ item: ChangeTail.Item, to session: Session, _ frames: inout MatchedFrames) {
        guard let watch = session.watch else { return }
        session.watch?.next = item.change.revision.successor
        guard let frame = told(item, to: watch, &frames) else { return }
        counters.eventsOffered.count()
        offer(frame, to: session)
    }

    /// What a watch is told of a change; nil when it does not concern it.
    private func told(_ item: ChangeTail.Item, to watch: Watch, _ frames: inout MatchedFrames) -> [UInt8]? {
        guard let live = watch.live else {
            return watch.concerns(item.change, presence: presence) ? item.event : nil
        }
        let verdict = live.verdict(on: item.change)
        guard verdict.isConcern else { return nil }
        return frames.frame(verdict) {
            RegistryEvent.matched(verdict, item.event, item.change, epoch: manifest.epoch, presence: presence)
        }
    }

    /// To one that comes from behind.
    private func tell(_ item: ChangeTail.Item, to session: Session) {
        var frames = MatchedFrames()
        tell(item, to: session, &frames)
    }

    /// The peer took what was waiting for it: go on where its watch stopped.
    package func drained(_ id: SessionID) {
        guard let session = peers[id] else { return }
        advanceWatch(of: session)
    }

    /// Sends as much as the outbox takes now.
    func advanceWatch(of session: Session) {
        while let watch = session.watch, !watch.isFetching, !session.outbox.isBusy {
            switch watch.stage {
            case .snapshot(let rest):
                sendPage(of: rest, to: session)
            case .changes:
                guard watch.next <= manifest.revision else { return }
                guard let item = tail[watch.next] else { return fetchChanges(after: watch, for: session) }
                tell(item, to: session)
            }
        }
    }

    private static let snapshotPageBytes = 256 * 1024

    private func sendPage(of rest: ArraySlice<ModelEntry>, to session: Session) {
        var bytes = 0
        let page = rest.prefix(settings.limits.pageModels).prefix { entry in
            bytes += entry.encodedBound
            return bytes <= Self.snapshotPageBytes || bytes == entry.encodedBound
        }
        let remaining = rest.dropFirst(page.count)
        session.watch?.stage = remaining.isEmpty ? .changes : .snapshot(remaining)
        offer(RegistryEvent.snapshot(Array(page), isLast: remaining.isEmpty, presence: presence), to: session)
    }

    /// A watcher so far behind that the tail no longer has its next change reads on from the record.
    private func fetchChanges(after watch: Watch, for session: Session) {
        session.watch?.isFetching = true
        let id = session.id
        Task {
            let changes = try? await archive.changes(
                of: room, after: Revision(watch.next.number - 1), limit: settings.limits.pageModels)
            // A later subscription may wait for changes of its own.
            guard let session = peers[id], session.watch?.isFetching == true, session.watch?.next == watch.next
            else { return }
            session.watch?.isFetching = false
            guard let changes, changes.first?.revision == watch.next else {
                session.outbox.channel.close(.unavailable)
                return remove(session)
            }
            for change in changes where change.revision <= manifest.revision {
                guard !session.outbox.isBusy else { break }
                let event = RegistryEvent.changed(change, epoch: manifest.epoch, presence: presence)
                tell(ChangeTail.Item(change: change, event: event), to: session)
            }
            advanceWatch(of: session)
        }
    }
}
