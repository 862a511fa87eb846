import RoomCore
import RoomStorage
import WireMessages

extension RoomLoop {
    func read(_ read: PendingRead, for session: Session) {
        if session.replies.isEmpty, case .query(let query, let requestID) = read, !query.needsRecord {
            counters.queries.count()
            return offer(frame(requestID) { () throws(Refusal) in try answer(query) }, to: session)
        }
        session.replies.open(deferring: read)
        advanceReplies(of: session)
    }

    /// Answers a read whose turn it is; what lies in the past is fetched, and the queue waits for it.
    func perform(_ read: PendingRead, _ slot: ReplyQueue<PendingRead>.Number, for session: Session) {
        switch read {
        case .query(let query, let requestID):
            counters.queries.count()
            guard !query.needsRecord else { return fetch(query, requestID, slot, for: session.id) }
            session.replies.fill(slot, with: frame(requestID) { () throws(Refusal) in try answer(query) })
        case .subscribe(let subscription, let requestID):
            subscribe(session, subscription, requestID, slot)
        case .unsubscribe(let requestID):
            unsubscribe(session)
            session.replies.fill(slot, with: RegistryReply.unsubscribed.frame(for: requestID))
        case .files(let request, let requestID):
            perform(request, requestID, slot, for: session)
        }
    }

    private func frame(_ requestID: RequestID, _ reply: () throws(Refusal) -> RegistryReply) -> [UInt8] {
        do throws(Refusal) {
            let frame = try reply().frame(for: requestID)
            guard frame.count <= settings.limits.messageBytes else {
                throw Refusal.tooLarge("The reply would be \(frame.count) bytes; ask for fewer models")
            }
            return frame
        } catch {
            return ErrorMessage(error).encoded(requestID: requestID)
        }
    }

    /// Answers from memory.
    func answer(_ query: RegistryQuery) throws(Refusal) -> RegistryReply {
        switch query {
        case .listModels(let list):
            let page = manifest.list(
                list, presence: presence, maxBytes: settings.limits.pageBytes, by: &search)
            return .models(query, page, of: manifest, presence: presence)
        case .modelInfo(let name, _):
            guard let entry = manifest.resolve(name) else { throw .modelNotFound(name) }
            return .model(query, entry, of: manifest, presence: presence)
        case .modelExists(let name):
            let entry = manifest.resolve(name).flatMap { $0.model.isWithdrawn ? nil : $0 }
            return .existence(query, of: name, entry, in: manifest, presence: presence)
        case .compare(let names):
            var entries: [ModelEntry] = []
            for name in names {
                guard let entry = manifest.resolve(name) else { throw .modelNotFound(name) }
                entries.append(entry)
            }
            return .comparison(query, ModelComparison(entries), of: manifest, presence: presence)
        case .manifest:
            return try whole(query, manifest)
        case .history:
            throw .unavailable("The history is read from the record")
        }
    }

    private func whole(_ query: RegistryQuery, _ manifest: Manifest) throws(Refusal) -> RegistryReply {
        let bytes = manifest.models.values.lazy.filter { !$0.model.isWithdrawn }.map(\.encodedBound).reduce(0, +)
        guard manifest.liveCount <= settings.limits.pageModels, bytes <= settings.limits.pageBytes else {
            throw .tooLarge("The manifest of \(manifest.liveCount) models does not fit one message; list its models")
        }
        return .manifest(query, manifest, presence: presence)
    }
}

// MARK: - From the record

extension RoomLoop {
    private func fetch(
        _ query: RegistryQuery, _ requestID: RequestID, _ slot: ReplyQueue<PendingRead>.Number, for id: SessionID
    ) {
        Task {
            let outcome = await past(query)
            guard let session = peers[id] else { return }
            session.replies.fill(slot, with: frame(requestID) { () throws(Refusal) in try outcome.get() })
            advanceReplies(of: session)
        }
    }

    /// Answers one who sits in no room.
    package func ask(_ query: RegistryQuery) async -> Result<RegistryReply, Refusal> {
        counters.queries.count()
        // What another server wrote and acknowledged before is seen.
        if let head = try? await dependencies.manifests.head(of: room) { await reach(head) }
        return await past(query)
    }

    private func past(_ query: RegistryQuery) async -> Result<RegistryReply, Refusal> {
        do {
            switch query {
            case .history(let history):
                return .success(try await self.history(history, query))
            case .modelInfo(let name, let point?):
                let past = try await manifest(at: point)
                guard let entry = past.resolve(name) else { throw Refusal.modelNotFound(name) }
                return .success(.model(query, entry, of: past, presence: presence))
            case .manifest(let point?):
                return .success(try whole(query, try await manifest(at: point)))
            case .listModels, .modelInfo, .modelExists, .compare, .manifest:
                return .success(try answer(query))
            }
        } catch let refusal as Refusal {
            return .failure(refusal)
        } catch {
            dependencies.outages.reads.failed("\(error)")
            return .failure(.unavailable("The record cannot be read just now; ask again"))
        }
    }

    private func manifest(at point: PointInTime) async throws -> Manifest {
        let past = try await archive.manifest(of: room, at: point)
        dependencies.outages.reads.succeeded()
        return past
    }

    private func history(_ history: HistoryQuery, _ query: RegistryQuery) async throws -> RegistryReply {
        let changes: [Change]
        switch history.subject {
        case .room:
            changes = try await archive.changes(of: room, after: history.after, limit: history.limit)
        case .alias(let alias):
            changes = try await archive.moves(of: alias, in: room, after: history.after, limit: history.limit)
        case .model(let name):
            guard let entry = manifest.resolve(name) else { throw Refusal.modelNotFound(name) }
            changes = try await archive.changes(
                of: room, after: history.after, limit: history.limit, subject: .model(entry.model.id))
        }
        dependencies.outages.reads.succeeded()
        return .history(query, fitting(changes), of: manifest, presence: presence)
    }

    /// As many changes as fit a reply, one at least: none would read as the end of the history.
    private func fitting(_ changes: [Change]) -> [Change] {
        var bytes = 0
        return Array(
            changes.prefix { change in
                let isFirst = bytes == 0
                bytes += (change.before?.encodedBound ?? 0) + change.after.encodedBound + 256
                return isFirst || bytes <= settings.limits.pageBytes
            })
    }
}
