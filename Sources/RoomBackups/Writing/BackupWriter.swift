import Logging
import RoomCore
import RoomStorage
import Synchronization

/// Keeps the backups a moment behind the record.
///
/// Every tick it claims rooms that are due and writes what is new of them; several servers share the work by their
/// claims. While a store is away it waits, longer each time, says so once, and catches up by itself: what is due is
/// remembered by the record.
package actor BackupWriter {
    private let blobs: any BlobStore
    private let source: any BackupSource & FileUpkeep
    private let manifests: any ManifestStore
    private let installation: Installation
    private let server: ServerID
    private let settings: BackupSettings
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger

    private var isSettled = false
    /// The bucket held no room when this writer first looked, and not every room was written since.
    private var isFirst = false
    private var isWaiting = false
    private var isStepping = false
    private var isEnding = false
    private var peopleVersion: Int?
    /// Rooms whose newest changes are in segments only, and when they get a snapshot.
    private var snapshotsDue: [RoomID: Timestamp] = [:]
    private var faultsTold: Set<RoomID> = []
    private let oldest = Mutex<Timestamp?>(nil)
    private let condition = Mutex(StoreState.reachable)
    /// When rooms that were deleted are looked after next; nobody waits for it.
    private var collectsAt: Timestamp
    /// What looks after them now, beside the writing.
    private(set) var collection: Task<Void, Never>?

    package init(
        blobs: any BlobStore, source: any BackupSource & FileUpkeep, manifests: any ManifestStore,
        installation: Installation, server: ServerID, settings: BackupSettings = BackupSettings(),
        clock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.blobs = blobs
        self.source = source
        self.manifests = manifests
        self.installation = installation
        self.server = server
        self.settings = settings
        self.clock = clock
        self.logger = logger
        collectsAt = clock().advanced(bySeconds: settings.collectSeconds)
    }

    /// Whether backups go on: away while a store fails them, or one room's own fault keeps that room from being written.
    package nonisolated var state: StoreState { condition.withLock { $0 } }

    /// For how long the oldest change that is not backed up has waited, as of the last look.
    package nonisolated var ageSeconds: Int {
        oldest.withLock { $0 }.map { max(0, Int(clock().seconds - $0.seconds)) } ?? 0
    }

    /// Writes until ``finish(within:)``, which waits for what is under way: a step that is cancelled leaves its rooms
    /// claimed and not written.
    package func run() async {
        var backoff = settings.tick
        while !Task.isCancelled, !isEnding {
            isStepping = true
            do {
                try await step()
                if isWaiting { logger.notice("backups go on") }
                isWaiting = false
                backoff = settings.tick
            } catch {
                if !isWaiting { logger.warning("backups wait", metadata: ["cause": "\(error)"]) }
                isWaiting = true
                backoff = min(backoff * 2, settings.longestBackoff)
            }
            isStepping = false
            guard !isEnding else { return }
            try? await Task.sleep(for: backoff)
        }
    }

    /// Writes everything that is due now, snapshots too.
    package func drain() async throws {
        try await step()
        try await writeSnapshots(dueBefore: nil)
    }

    /// Backs up everything that is due, and snapshots whose time has come.
    package func step() async throws {
        do {
            try await settle()
            try await writePeople()
            while try await writeRooms() == settings.claims, !Task.isCancelled {}
            isFirst = false
            try await writeSnapshots(dueBefore: clock())
            collectIfDue()
        } catch {
            note(.away("\(error)"))
            await look()
            throw error
        }
        note(faultsTold.min().map { .away("room \($0) is not backed up: see the log") } ?? .reachable)
        await look()
    }

    private func note(_ state: StoreState) { condition.withLock { $0 = state } }

    /// Lets go of rooms that were deleted so long ago that nothing is kept of those days, beside the writing: it may take
    /// long, and whether it succeeds is nothing to the backups. One that failed is made again when the next is due.
    private func collectIfDue() {
        let now = clock()
        guard now >= collectsAt, collection == nil, !isEnding else { return }
        collectsAt = now.advanced(bySeconds: settings.collectSeconds)
        collection = Task {
            do {
                try await collect(at: now)
            } catch is CancellationError {
                // What is left the next one goes on with.
            } catch {
                logger.warning("deleted rooms could not be looked after", metadata: ["cause": "\(error)"])
            }
            collection = nil
        }
    }

    /// One server of all does it at a time, and in each interval.
    private func collect(at now: Timestamp) async throws {
        let (source, server, settings, clock) = (source, server, settings, clock)
        if let end = try await source.end(of: .collectBackups), end.advanced(bySeconds: settings.collectSeconds) > now {
            return
        }
        let goesOn: @Sendable () async throws -> Bool = {
            let now = clock()
            return try await source.grant(
                .collectBackups, to: server, until: now.advanced(bySeconds: settings.claimSeconds), at: now) == server
        }
        guard try await goesOn() else { return }
        let deleted = DeletedRooms(
            blobs: blobs, manifests: manifests, upkeep: source, settings: settings, now: now, goesOn: goesOn)
        let result: Result<[RoomID], any Error>
        do { result = .success(try await deleted.collect()) } catch { result = .failure(error) }
        try? await source.release(.collectBackups, by: server, at: clock())
        for room in try result.get() {
            logger.info("the backups of a deleted room were let go", metadata: ["room": "\(room)"])
        }
    }

    private func look() async {
        // While the record is away, what is known of it ages on.
        do {
            let since = try await source.oldestDueBackup()
            oldest.withLock { $0 = since }
        } catch {
            return
        }
    }

    /// Makes sure that the bucket is this installation's.
    package func settle() async throws {
        guard !isSettled else { return }
        try await installation.settle()
        isFirst = try await blobs.list(prefix: BackupLayout.roomsPrefix, after: nil, limit: 1).isEmpty
        isSettled = true
    }

    private func writePeople() async throws {
        let version = try await source.peopleVersion()
        guard version != peopleVersion else { return }
        let people = try await source.people()
        let bytes = Gzip.compress(people.encoded())
        try await blobs.store(bytes, at: BackupLayout.people(people.version))
        let kept = try await blobs.list(prefix: BackupLayout.peoplePrefix, after: nil, limit: 1_000)
        let older = kept.filter { $0 < BackupLayout.people(people.version) }
        for key in older.dropLast(2) { try await blobs.delete(key) }
        peopleVersion = people.version
    }

    /// How many rooms were claimed.
    private func writeRooms() async throws -> Int {
        let (server, now, settings) = (server, clock(), settings)
        let claims = try await source.claimBackups(
            by: server, at: now, forSeconds: settings.claimSeconds, limit: settings.claims)
        let results = await write(claims.map(\.room), forcingSnapshot: false)
        var fault: BackupFault?
        for written in results {
            let room = written.room
            if let outcome = written.outcome {
                faultsTold.remove(room)
                snapshotsDue[room] = outcome.snapshotDue
            } else if case .store(let error)? = written.fault {
                fault = .store(error)
                try? await source.releaseBackup(of: room, by: server)
            } else if let error = written.fault {
                // The claim stays until its term: the room's own fault is not tried again at every tick.
                tell(error, of: room)
            }
        }
        if let fault { throw fault }
        return claims.count
    }

    private func tell(_ fault: BackupFault, of room: RoomID) {
        guard faultsTold.insert(room).inserted else { return }
        logger.error("a room is not backed up", metadata: ["room": "\(room)", "cause": "\(fault)"])
    }

    /// - Parameter moment: nil for all that will be due.
    private func writeSnapshots(dueBefore moment: Timestamp?) async throws {
        let rooms = snapshotsDue.filter { due in moment.map { due.value <= $0 } ?? true }.map(\.key)
        for written in await write(rooms, forcingSnapshot: true) {
            if written.outcome != nil { snapshotsDue[written.room] = nil }
            guard let fault = written.fault else { continue }
            if case .store = fault { throw fault }
            tell(fault, of: written.room)
        }
    }

    private struct Written: Sendable {
        let room: RoomID
        var outcome: RoomBackup.Outcome?
        var fault: BackupFault?
    }

    private func write(_ rooms: [RoomID], forcingSnapshot: Bool) async -> [Written] {
        let backup = RoomBackup(
            blobs: blobs, source: source, manifests: manifests, settings: settings, now: clock(),
            isFirst: isFirst && !forcingSnapshot)
        let (source, server) = (source, server)
        return await sideBySide(rooms, atMost: settings.writers) { room in
            var written = Written(room: room)
            do {
                let outcome = try await backup.write(room, forcingSnapshot: forcingSnapshot)
                // A snapshot that was due tells nothing new of the room, and is written without a claim.
                if !forcingSnapshot {
                    try await source.note(BackupNote(room: room, state: outcome.state), by: server)
                }
                written.outcome = outcome
            } catch {
                written.fault = BackupFault(error)
            }
            return written
        }
    }
}

extension BackupWriter {
    /// Writes what is due before the end, as far as the time allows; the rest stays due.
    package func finish(within time: Duration) async {
        isEnding = true
        collection?.cancel()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    while await self.isStepping { try await Task.sleep(for: .milliseconds(10)) }
                    guard await !self.isWaiting else { throw StoreError.unavailable("a store is away") }
                    try await self.drain()
                } catch {
                    self.warn(BackupFault(error))
                }
            }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }

    private nonisolated func warn(_ fault: BackupFault) {
        logger.warning("the newest changes are not backed up yet", metadata: ["cause": "\(fault)"])
    }
}
