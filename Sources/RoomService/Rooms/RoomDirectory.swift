import Logging
import RoomCore
import RoomStorage
import Synchronization
import WireMessages

/// The rooms in memory, each on its own event loop; others are read from the record when somebody comes.
package final class RoomDirectory: Sendable {
    private enum Slot {
        case loading(Task<RoomLoop?, any Error>)
        case loaded(RoomLoop)
    }

    package let dependencies: RoomDependencies
    private let executors: [any SerialExecutor]
    private let slots = Mutex<[RoomID: Slot]>([:])
    private let admission: Admission
    private let unconfirmed = Mutex<[(entry: Entry, session: SessionID, room: RoomLoop)]>([])

    /// - Precondition: at least one executor.
    package init(_ dependencies: RoomDependencies, executors: [any SerialExecutor]) {
        precondition(!executors.isEmpty, "rooms need an executor to run on")
        self.dependencies = dependencies
        self.executors = executors
        admission = Admission(
            accounts: dependencies.accounts, authority: dependencies.authority, issuers: dependencies.issuers,
            clock: dependencies.clock)
    }

    /// Proves a registration's credential and finds its room. The caller then enters the room on the room's executor.
    ///
    /// The room has then seen every change that was acknowledged before, by whatever server: a peer that wrote
    /// elsewhere and comes here finds what it wrote.
    package func admit(
        _ registration: Registration
    ) async throws(AdmissionRefusal) -> (entry: Entry, room: RoomLoop) {
        do {
            let identity = try await admission.identify(registration)
            guard let room = try await self.room(identity.room) else {
                throw AdmissionRefusal.refused("Room not found")
            }
            if let head = try? await dependencies.manifests.head(of: room.room) {
                dependencies.outages.reads.succeeded()
                await room.reach(head)
            }
            return (Entry(identity: identity, registration: registration), room)
        } catch let refusal as AdmissionRefusal {
            dependencies.counters.registrationsRefused.count()
            throw refusal
        } catch {
            dependencies.outages.reads.failed("\(error)")
            throw .unavailable
        }
    }

    /// Looks at a credential again once its peer is in: one that was revoked on the way is shown out like the others.
    /// While the record is away, that waits until it is back.
    package func confirm(_ entry: Entry, of session: SessionID, in room: RoomLoop) async {
        do throws(AdmissionRefusal) {
            await room.grant(try await admission.prove(entry.registration).role, to: session)
        } catch {
            switch error {
            case .refused: await room.close(.session(session), .credentialRevoked)
            case .unavailable: unconfirmed.withLock { $0.append((entry, session, room)) }
            }
        }
    }

    /// Looks again at the credentials of those who came in while the record was away.
    private func confirmWaiting() async {
        let waiting = unconfirmed.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for (entry, session, room) in waiting where await room.has(session) {
            await confirm(entry, of: session, in: room)
        }
    }

    /// The room at work; nil when the record has no such room.
    package func room(_ id: RoomID) async throws -> RoomLoop? {
        let slot = slots.withLock { slots in
            if let slot = slots[id] { return slot }
            let slot = Slot.loading(Task { try await self.load(id) })
            slots[id] = slot
            return slot
        }
        return try await room(in: slot)
    }

    private func room(in slot: Slot) async throws -> RoomLoop? {
        switch slot {
        case .loaded(let room): room
        case .loading(let task): try await task.value
        }
    }

    /// The room if it is in memory.
    package func loaded(_ id: RoomID) -> RoomLoop? {
        slots.withLock { slots in
            if case .loaded(let room) = slots[id] { room } else { nil }
        }
    }

    /// The room on its way into memory.
    func loading(_ id: RoomID) -> Task<RoomLoop?, any Error>? {
        slots.withLock { slots in
            if case .loading(let task) = slots[id] { task } else { nil }
        }
    }

    package var loadedRooms: [RoomLoop] {
        slots.withLock { slots in
            slots.values.compactMap { if case .loaded(let room) = $0 { room } else { nil } }
        }
    }

    private func load(_ id: RoomID) async throws -> RoomLoop? {
        do {
            // Followed first: what is committed while the room is read is heard of.
            await dependencies.live.follow(id, as: dependencies.server)
            let read = try await Archive(dependencies).load(id)
            let room = read.map { RoomLoop($0, on: executor(for: id), dependencies) }
            await room?.refreshRemotes()
            slots.withLock { $0[id] = room.map(Slot.loaded) }
            if room != nil { dependencies.counters.roomsLoaded.count() }
            if room == nil { dependencies.live.unfollow(id, as: dependencies.server) }
            return room
        } catch {
            dependencies.live.unfollow(id, as: dependencies.server)
            slots.withLock { $0[id] = nil }
            throw error
        }
    }

    private func executor(for id: RoomID) -> any SerialExecutor {
        executors[Int(UInt(bitPattern: id.hashValue) % UInt(executors.count))]
    }
}

// MARK: - Time passing

extension RoomDirectory {
    private static let turnSeconds: Int64 = 1

    /// Expires credentials, notes sightings, hears other servers, and lets idle rooms go, until cancelled.
    package func run() async {
        await withTaskGroup { tasks in
            tasks.addTask { await self.hearNews() }
            tasks.addTask { await self.renewLease() }
            tasks.addTask { await self.takeTurns() }
            tasks.addTask { await self.dependencies.streams.run() }
            tasks.addTask { await self.pingWorkers() }
        }
        await flushSightings()
    }

    /// One timer for all workers. On its own, so that no store that hangs keeps them waiting.
    private func pingWorkers() async {
        while (try? await Task.sleep(for: dependencies.settings.workerPing)) != nil {
            for room in loadedRooms { await room.pingWorkers() }
        }
    }

    private func takeTurns() async {
        var rounds = Rounds()
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Self.turnSeconds))
            await turn(&rounds)
        }
    }

    /// What one turn remembers for the next.
    struct Rounds {
        /// Seconds each idle room has been idle for.
        fileprivate var idle: [RoomID: Int64] = [:]
        fileprivate var forgottenAt: Timestamp?
        fileprivate var servers = ServerRounds()
    }

    func turn(_ rounds: inout Rounds) async {
        // First, so that a room which is read again finds what was noted by the one that goes now.
        await flushSightings()
        let now = dependencies.clock()
        var idle: [RoomID: Int64] = [:]
        for room in loadedRooms {
            guard await room.turn(at: now) else {
                await settleEnding(of: room, at: now)
                continue
            }
            let seconds = rounds.idle[room.room, default: 0] + Self.turnSeconds
            if seconds < dependencies.settings.idleRoomSeconds {
                idle[room.room] = seconds
            } else if await room.retire() {
                unload(room)
            }
        }
        rounds.idle = idle
        await confirmWaiting()
        await turnServers(at: now, &rounds.servers)
        await forgetWhatIsOver(at: now, &rounds)
    }

    /// Forgets a room. A peer that is on its way into the retired loop is sent away to come back.
    private func unload(_ room: RoomLoop) {
        slots.withLock { slots in
            if case .loaded(let standing) = slots[room.room], standing === room { slots[room.room] = nil }
        }
        dependencies.live.unfollow(room.room, as: dependencies.server)
        dependencies.counters.roomsUnloaded.count()
    }

    private static let forgettingRoundSeconds: Int64 = 600

    /// Drops the answers that no repeat is given any more, invitations that ended and groups of long ago, now and then.
    private func forgetWhatIsOver(at now: Timestamp, _ rounds: inout Rounds) async {
        if let last = rounds.forgottenAt, now < last.advanced(bySeconds: Self.forgettingRoundSeconds) { return }
        rounds.forgottenAt = now
        do {
            try await dependencies.manifests.forgetReceipts(
                before: now.advanced(bySeconds: -dependencies.settings.receiptSeconds))
            try await dependencies.accounts.forgetInvitations(
                endedBefore: now.advanced(bySeconds: -Invites.memorySeconds))
            try await dependencies.accounts.forgetGroups(
                toldBefore: now.advanced(bySeconds: -dependencies.settings.groupSeconds))
        } catch {
            dependencies.logger.debug("what is over was not forgotten", metadata: ["cause": "\(error)"])
        }
    }

    private func flushSightings() async {
        let sightings = dependencies.sightings.drain()
        guard !sightings.isEmpty else { return }
        do {
            try await dependencies.manifests.note(sightings)
        } catch {
            dependencies.sightings.put(back: sightings)
            dependencies.logger.debug("sightings were not noted", metadata: ["cause": "\(error)"])
        }
    }
}

// MARK: - Closing

extension RoomDirectory {
    /// Closes the sockets of a revoked credential or a removed member, in one room or in all, on every server.
    package func revoke(_ selection: SessionSelection, in room: RoomID? = nil) async {
        admission.forget(selection)
        if let order = ClosingOrder(selection, in: room) {
            dependencies.live.broadcast(order.encoded, from: dependencies.server)
        }
        await closeHere(selection, in: room, .credentialRevoked)
    }

    /// Roles, groups or the policy of a room changed in the record.
    package func accessChanged(in room: RoomID) async {
        dependencies.live.broadcast(AccessNote(room).encoded, from: dependencies.server)
        await lookAtAccess(of: room)
    }

    func lookAtAccess(of room: RoomID) async {
        admission.forget(room)
        await loaded(room)?.lookAtAccess()
    }

    func closeHere(_ selection: SessionSelection, in room: RoomID?, _ reason: PeerClose) async {
        admission.forget(selection)
        let rooms = room.map { id in loadedRooms.filter { $0.room == id } } ?? loadedRooms
        for room in rooms { await room.close(selection, reason) }
    }

    /// The room was deleted from the record.
    package func delete(_ id: RoomID) async {
        dependencies.live.broadcast(ClosingOrder(deleting: id).encoded, from: dependencies.server)
        dependencies.live.forget(id)
        await deleteHere(id)
    }

    func deleteHere(_ id: RoomID) async {
        admission.forget(id)
        guard let slot = slots.withLock({ $0[id] }), let room = try? await room(in: slot) else { return }
        await room.delete()
        slots.withLock { $0[id] = nil }
    }

    /// Closes everybody, spread over a time so that they do not all come back at one moment.
    package func drain(over duration: Duration) async {
        dependencies.streams.close()
        let steps = 20
        for step in 0..<steps {
            for room in loadedRooms {
                let left = await room.peerCount
                await room.close(.everyone, .draining, atMost: (left + steps - step - 1) / (steps - step))
            }
            guard step < steps - 1, await isAnyoneLeft() else { break }
            try? await Task.sleep(for: duration / steps)
        }
        await flushSightings()
    }

    private func isAnyoneLeft() async -> Bool {
        for room in loadedRooms where await room.peerCount > 0 { return true }
        return false
    }
}
