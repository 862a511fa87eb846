import RoomCore
import RoomStorage
import WireMessages

/// The other servers: their news on the way to the rooms, and the word that this one lives.
extension RoomDirectory {
    /// Hands news to the rooms in memory, all of one room in order, until cancelled.
    func hearNews() async {
        let queue = NewsQueue()
        let listener = await dependencies.live.listen(as: dependencies.server) { queue.put($0) }
        defer { listener.cancel() }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { meetings in
                meetings.addTask { await self.meetTheOthers() }
                while let news = await queue.takeAll() {
                    // A meeting takes seconds; what is said meanwhile is heard.
                    guard await hear(news) else { continue }
                    dependencies.counters.interruptions.count()
                    dependencies.logger.notice("word between servers was lost: comparing with the record")
                    meetings.addTask { await self.meetTheOthers() }
                }
                meetings.cancelAll()
            }
        } onCancel: {
            queue.close()
        }
    }

    /// True when something may have been missed.
    func hear(_ news: [LiveNews]) async -> Bool {
        var byRoom: [RoomID: [LiveNews]] = [:]
        var wasInterrupted = false
        for item in news {
            switch item {
            case .order(let bytes):
                if let note = StreamNote(bytes) {
                    dependencies.streams.hear(note)
                } else if let order = ClosingOrder(bytes) {
                    await obey(order)
                } else if let note = AccessNote(bytes) {
                    await lookAtAccess(of: note.room)
                }
            case .interrupted:
                wasInterrupted = true
                dependencies.streams.lookAgain()
            case .committed, .arrived, .left, .frame, .outOfStep:
                if let room = item.room { byRoom[room, default: []].append(item) }
            }
        }
        // A room that is being read followed before it began: what it misses of these, it reads when it is there.
        for (id, news) in byRoom {
            if let room = loaded(id) { await room.hear(news) } else { await catchUpWhenLoaded(id) }
        }
        return wasInterrupted
    }

    private func catchUpWhenLoaded(_ id: RoomID) async {
        guard let loading = loading(id) else { return }
        Task {
            guard let room = try? await loading.value else { return }
            await room.catchUpSoon()
            await room.refreshRemotes()
        }
    }

    /// Says who is here and finds out who is there: at the start, and whenever news may have been lost.
    private func meetTheOthers() async {
        await renewPresence()
        for room in loadedRooms {
            await room.catchUpSoon()
            await room.renewLive()
        }
        // The others are told of the interruption at the same moment, and need one to say that they live.
        guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
        for room in loadedRooms { await room.refreshRemotes() }
    }

    /// How long a server counts as living without a word from it: short enough that the peers of one that was killed
    /// are gone within two ping intervals, as if their own sockets had ended.
    private var leaseSeconds: Int64 {
        min(15, max(3, Int64(dependencies.settings.limits.pingIntervalSeconds) * 3 / 2))
    }
    private var renewalSeconds: Int64 { leaseSeconds / 3 }

    /// Says that this server lives, until cancelled. On its own and without the record: a server whose turn waits for a
    /// store that hangs has lost none of its sockets.
    func renewLease() async {
        while !Task.isCancelled {
            await renewPresence()
            try? await Task.sleep(for: .seconds(renewalSeconds))
        }
    }

    /// Lets go of the peers of servers whose lease ended, takes them back when the server lives again, and compares with
    /// the record what may have been missed; called once a second.
    func turnServers(at now: Timestamp, _ rounds: inout ServerRounds) async {
        let isAway = !dependencies.live.state.isReachable
        rounds.turns += 1
        // While the bus is away, the record is the only way to hear of other servers.
        if isAway || rounds.turns % Self.comparisonSeconds == 0 { await compareHeads() }
        guard !isAway else {
            rounds.reachableSince = nil
            rounds.living = []
            return
        }
        let since = rounds.reachableSince ?? now
        rounds.reachableSince = since
        // After an outage every lease has ended; a server gets one term to renew it.
        guard now >= since.advanced(bySeconds: leaseSeconds), rounds.turns % renewalSeconds == 2 % renewalSeconds,
            let living = await dependencies.live.servers()
        else { return }
        // A renewed lease enters nobody anew who is entered still, and so is not told of.
        let isSomebodyBack = !living.subtracting(rounds.living).subtracting([dependencies.server]).isEmpty
        rounds.living = living
        for room in loadedRooms {
            await room.dropRemotes(notOn: living)
            if isSomebodyBack { await room.refreshRemotes() }
        }
    }

    private static let comparisonSeconds: Int64 = 30

    private func renewPresence() async {
        var present: [PresentPeer] = []
        for room in loadedRooms { present += await room.present }
        dependencies.live.renew(present, of: dependencies.server, for: .seconds(leaseSeconds))
    }

    /// Finds what other servers committed without a word arriving.
    private func compareHeads() async {
        for room in loadedRooms where await room.peerCount > 0 {
            do throws(StoreError) {
                if let head = try await dependencies.manifests.head(of: room.room) {
                    await room.compare(with: head)
                    await room.lookAtAccess()
                } else {
                    await deleteHere(room.room)
                }
            } catch {
                // The record is away: what it holds is compared when it is back.
                continue
            }
        }
    }

    private func obey(_ order: ClosingOrder) async {
        if let selection = order.selection {
            await closeHere(selection, in: order.room, .credentialRevoked)
        } else if let room = order.room {
            await deleteHere(room)
        }
    }
}

/// What one turn of ``RoomDirectory/turnServers(at:_:)`` remembers for the next.
struct ServerRounds {
    fileprivate var turns: Int64 = 0
    fileprivate var reachableSince: Timestamp?
    /// The servers that lived at the last look.
    fileprivate var living: Set<ServerID> = []
}

extension LiveNews {
    fileprivate var room: RoomID? {
        switch self {
        case .committed(let notice): notice.room
        case .arrived(let peer), .left(let peer): peer.room
        case .frame(let frame): frame.room
        case .outOfStep(let room): room
        case .order, .interrupted: nil
        }
    }
}
