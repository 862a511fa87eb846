import RoomCore
import RoomStorage
import WireMessages

/// The way of a write: mailbox, decide, append, apply, broadcast, reply.
extension RoomLoop {
    func enqueue(
        _ write: WriteRequest, _ key: IdempotencyKey?, _ requestID: RequestID, bytes: Int, from session: Session
    ) {
        guard mailbox.count < settings.mailboxWrites, mailboxBytes + bytes <= settings.mailboxBytes else {
            return answer(.unavailable("The room has too many writes waiting; send it again"), to: session, requestID)
        }
        let receipt = key.map { ReceiptKey(room: room, credential: session.identity.principal, key: $0.text) }
        mailbox.append(
            PendingWrite(
                asker: .peer(session.id, slot: session.replies.open(), requestID), request: write,
                actor: session.actor, receipt: receipt, bytes: bytes))
        mailboxBytes += bytes
        flushSoon()
    }

    /// A write of the server's own, in the same order as everyone's.
    func enqueue(
        _ write: WriteRequest, by actor: Actor,
        settle: @escaping @Sendable (Result<RegistryReply, Refusal>) -> Void
    ) {
        guard closedBecause == nil, mailbox.count < settings.mailboxWrites else {
            return settle(.failure(.unavailable("The room has too many writes waiting; send it again")))
        }
        mailbox.append(
            PendingWrite(asker: .server(settle), request: write, actor: actor, receipt: nil, bytes: 0))
        flushSoon()
    }

    func flushSoon() {
        guard !isFlushing else { return }
        isFlushing = true
        Task { await flush() }
    }

    /// Empties the mailbox, one commit at a time; what arrives meanwhile rides on the next one.
    private func flush() async {
        var isCutOff = false
        while (mustCatchUp && !isCutOff) || !mailbox.isEmpty {
            if mustCatchUp { isCutOff = await !hasCaughtUp() }
            guard !mailbox.isEmpty else { continue }
            await yieldToOtherServers()
            let batch = Array(mailbox.prefix(settings.batchWrites))
            mailbox.removeFirst(batch.count)
            await commit(batch)
            mailboxBytes -= batch.reduce(0) { $0 + $1.bytes }
        }
        isFlushing = false
    }

    /// Who wrote last waits for about as long as the other needs to read that and to write: else the faster of two
    /// servers wins every time. What arrives meanwhile rides on the same commit.
    private func yieldToOtherServers() async {
        guard rivals.write(after: manifest.revision) else { return }
        try? await Task.sleep(for: rivals.turn * Double.random(in: 1...2))
    }

    private func commit(_ batch: [PendingWrite]) async {
        let deadline = ContinuousClock.now + Self.patience
        do {
            repeat {
                let start = ContinuousClock.now
                guard let decided = try await decide(batch) else {
                    delete()
                    return refuse(batch, .notInRoom)
                }
                switch try await append(decided, of: batch) {
                case .committed:
                    conclude(batch, decided)
                    return rivals.committed(manifest.revision, in: start.duration(to: .now))
                case .superseded:
                    counters.conflicts.count()
                    rivals.wrote()
                    try await catchUp()
                    _ = try await currentAccess()
                case .noSuchRoom:
                    delete()
                    return refuse(batch, .notInRoom)
                }
            } while ContinuousClock.now < deadline
            refuse(batch, .unavailable("Other servers write to this room too quickly; send it again"))
        } catch StoreError.outcomeUnknown(let cause) {
            mustCatchUp = true
            counters.writesUnknown.count(batch.count)
            dependencies.outages.doubts.failed("\(cause)", count: batch.count)
            abandon(batch)
        } catch {
            // What the record holds is read before anything is decided on again.
            mustCatchUp = true
            counters.writesUnavailable.count(batch.count)
            dependencies.outages.writes.failed("\(error)", count: batch.count)
            refuse(batch, .unavailable("The record cannot be written just now; nothing was changed, send it again"))
        }
    }

    /// For how long writes that other servers overtake are decided again.
    private static let patience = Duration.seconds(10)

    private func refuse(_ batch: [PendingWrite], _ refusal: Refusal) {
        for write in batch { reply(to: write, .failure(refusal)) }
    }

    /// Nothing true can be said of these writes: their sockets are closed, which tells their peers just that. The
    /// server's own writes look at the manifest again anyway.
    private func abandon(_ batch: [PendingWrite]) {
        for write in batch {
            switch write.asker {
            case .server(let settle): settle(.failure(.unavailable("It is not known whether it was applied")))
            case .peer(let id, _, _):
                guard let session = peers[id] else { continue }
                session.outbox.channel.close(.unavailable)
                remove(session)
            }
        }
    }

    private func reply(to write: PendingWrite, _ result: Result<RegistryReply, Refusal>) {
        switch write.asker {
        case .server(let settle): settle(result)
        case .peer(let id, let slot, let requestID):
            guard let session = peers[id] else { return }
            switch result {
            case .success(let answer): fill(slot, of: session, with: answer.frame(for: requestID))
            case .failure(let refusal):
                fill(slot, of: session, with: ErrorMessage(refusal).encoded(requestID: requestID))
            }
        }
    }
}

// MARK: - Deciding

/// What a batch comes to. The draft is let go of: as long as anything else holds the manifest's tables, moving the
/// manifest copies them whole.
private struct DecidedBatch {
    /// The version of the access it was decided under.
    let access: Int
    let changes: [Change]
    /// The same as the record keeps them, and as other servers hear of them: encoded once.
    let stored: [StoredChange]
    let verdicts: [Verdict]

    init(_ draft: Draft, _ verdicts: [Verdict], under access: RoomAccess) {
        self.access = access.version
        changes = draft.changes
        stored = draft.changes.map(StoredChange.init)
        self.verdicts = verdicts
    }
}

extension RoomLoop {
    /// Decides a batch on a draft, each write by what its author may do now; the manifest does not move. Nil when the room
    /// is gone.
    private func decide(_ batch: [PendingWrite]) async throws -> DecidedBatch? {
        let keys = batch.compactMap(\.receipt)
        let oldest = now.advanced(bySeconds: -settings.receiptSeconds)
        let answered =
            keys.isEmpty
            ? [:]
            : try await dependencies.manifests.receipts(for: keys, notBefore: oldest)
                .mapValues { RegistryReply(answer: $0.answer) }
        // An answer found in the record may be of a change this room has not seen: one whose commit seemed to fail,
        // or another server's. Who is told of it must see it.
        if !answered.isEmpty { try await catchUp() }
        guard var known = try await knownAccess() else { return nil }
        while true {
            let place = (manifest.epoch, manifest.revision)
            let decided = decide(batch, answered, under: known)
            // As it is written, the record compares the access; where nothing is, that is done here.
            guard decided.changes.isEmpty else { return decided }
            guard let current = try await currentAccess() else { return nil }
            if current.version == known.version, place == (manifest.epoch, manifest.revision) { return decided }
            known = current
        }
    }

    private func decide(
        _ batch: [PendingWrite], _ answered: [ReceiptKey: RegistryReply], under access: RoomAccess
    ) -> DecidedBatch {
        var answered = answered
        var draft = Draft(manifest, limits: settings.manifestLimits, policy: access.policy)
        let verdicts = batch.map { write -> Verdict in
            if let key = write.receipt, let reply = answered[key] { return .repeated(reply) }
            do throws(Refusal) {
                guard let role = access.standing(of: write.actor.role, write.actor.user) else {
                    throw .forbidden("You are no member of this room")
                }
                let decision = try draft.decide(write.request, by: write.actor.with(role), at: now)
                let reply = RegistryReply.decided(
                    write.request, decision, epoch: manifest.epoch, presence: presence)
                if let key = write.receipt { answered[key] = reply }
                return .decided(reply)
            } catch {
                return .refused(error)
            }
        }
        return DecidedBatch(draft, verdicts, under: access)
    }

    private func append(
        _ decided: DecidedBatch, of batch: [PendingWrite]
    ) async throws(StoreError) -> AppendOutcome {
        let moment = now
        let receipts = zip(batch, decided.verdicts).compactMap { write, verdict -> Receipt? in
            guard let key = write.receipt, case .decided(let reply) = verdict else { return nil }
            return Receipt(key: key, at: moment, answer: reply.answer)
        }
        guard !(decided.changes.isEmpty && receipts.isEmpty) else { return .committed }
        return try await dependencies.manifests.append(
            AppendRequest(
                room: room, epoch: manifest.epoch, base: manifest.revision,
                changes: decided.stored, receipts: receipts, access: decided.access))
    }
}

extension StoredChange {
    fileprivate init(_ change: Change) {
        self.init(
            revision: change.revision, at: change.at, kind: change.kind.rawValue, model: change.modelID,
            otherModel: change.other?.model.id, alias: change.alias, body: change.recorded())
    }
}

// MARK: - Once durable

extension RoomLoop {
    /// The batch is in the record: now the manifest moves, watchers hear of it, other servers too, and the writers
    /// last. Without an await between applying and broadcasting, nobody sees one without the other.
    private func conclude(_ batch: [PendingWrite], _ decided: DecidedBatch) {
        counters.commits.count()
        dependencies.outages.writes.succeeded()
        dependencies.outages.doubts.succeeded()
        counters.writesCommitted.count(decided.changes.count)
        for change in decided.changes { fold(change) }
        announce(decided)
        for (write, verdict) in zip(batch, decided.verdicts) {
            switch verdict {
            case .decided(let answer), .repeated(let answer):
                reply(to: write, .success(answer))
            case .refused(let refusal):
                counters.writesRefused.count()
                reply(to: write, .failure(refusal))
            }
        }
        storeSnapshotIfDue()
    }

    /// A notice longer than this leaves the other servers to read the record.
    private static let noticeBytes = 256 * 1024

    private func announce(_ decided: DecidedBatch) {
        guard let first = decided.changes.first else { return }
        let bodies = decided.stored.map(\.body)
        let isSmall = bodies.reduce(0) { $0 + $1.count } <= Self.noticeBytes
        let notice = RoomNotice(
            server: dependencies.server, room: room, epoch: manifest.epoch, base: Revision(first.revision.number - 1),
            revision: manifest.revision, changes: isSmall ? bodies : [])
        dependencies.live.announce(
            LiveCommit(
                notice: notice,
                fields: manifest.pieces(touchedBy: decided.changes).map { LiveField(name: $0.name, value: $0.value) }))
    }

    /// Moves the manifest by one change and tells whoever watches.
    func fold(_ change: Change) {
        manifest.apply(change)
        search.apply(change, in: manifest.epoch)
        broadcast(change)
    }
}

// MARK: - Snapshots

extension RoomLoop {
    private static let leastChangesPerSnapshot = 1000

    /// Keeps a snapshot whenever as much has changed as it holds, so that snapshots cost each change a constant.
    private func storeSnapshotIfDue() {
        let changed = manifest.revision.number - lastSnapshotRevision.number
        guard !isStoringSnapshot, changed >= max(Self.leastChangesPerSnapshot, manifest.models.count) else { return }
        isStoringSnapshot = true
        let kept = manifest
        Task {
            do {
                try await archive.keep(kept, history: settings.historyChanges)
                if kept.epoch == manifest.epoch { lastSnapshotRevision = kept.revision }
            } catch {
                logger.warning("a snapshot could not be kept", metadata: ["cause": "\(error)"])
            }
            isStoringSnapshot = false
        }
    }
}
