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
    private let source: any BackupSource
    private let manifests: any ManifestStore
    private let installation: Installation
    private let server: ServerID
    private let settings: BackupSettings
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger

    private var isSettled = false
    private var isWaiting = false
    private var peopleVersion: Int?
    /// Rooms whose newest changes are in segments only, and when they get a snapshot.
    private var snapshotsDue: [RoomID: Timestamp] = [:]
    private var faultsTold: Set<RoomID> = []
    private let oldest = Mutex<Timestamp?>(nil)

    package init(
        blobs: any BlobStore, source: any BackupSource, manifests: any ManifestStore, installation: Installation,
        server: ServerID, settings: BackupSettings = BackupSettings(), clock: @escaping @Sendable () -> Timestamp,
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
    }

    /// For how long the oldest change that is not backed up has waited, as of the last look.
    package nonisolated var ageSeconds: Int {
        oldest.withLock { $0 }.map { max(0, Int(clock().seconds - $0.seconds)) } ?? 0
    }

    /// Writes until it is cancelled.
    package func run() async {
        var backoff = settings.tick
        while !Task.isCancelled {
            do throws(BackupFault) {
                try await step()
                if isWaiting { logger.notice("backups go on") }
                isWaiting = false
                backoff = settings.tick
            } catch {
                if !isWaiting { logger.warning("backups wait", metadata: ["cause": "\(error)"]) }
                isWaiting = true
                backoff = min(backoff * 2, settings.longestBackoff)
            }
            try? await Task.sleep(for: backoff)
        }
    }

    /// Writes everything that is due now, snapshots too.
    package func drain() async throws(BackupFault) {
        try await step()
        try await writeSnapshots(dueBefore: nil)
    }

    /// Backs up everything that is due, and snapshots whose time has come.
    package func step() async throws(BackupFault) {
        do throws(BackupFault) {
            try await settle()
            try await writePeople()
            while try await writeRooms() == settings.claims, !Task.isCancelled {}
            try await writeSnapshots(dueBefore: clock())
        } catch {
            await look()
            throw error
        }
        await look()
    }

    private func look() async {
        // While the record is away, what is known of it ages on.
        guard let since = try? await asking({ () throws(StoreError) in try await [source.oldestDueBackup()] }) else {
            return
        }
        oldest.withLock { $0 = since[0] }
    }

    /// Makes sure that the bucket is this installation's.
    package func settle() async throws(BackupFault) {
        guard !isSettled else { return }
        try await installation.settle()
        isSettled = true
    }

    private func writePeople() async throws(BackupFault) {
        let version = try await asking { () throws(StoreError) in try await source.peopleVersion() }
        guard version != peopleVersion else { return }
        let people = try await asking { () throws(StoreError) in try await source.people() }
        let bytes = Gzip.compress(people.encoded())
        try await asking { () throws(StoreError) in
            try await blobs.store(bytes, at: BackupLayout.people(people.version))
            let kept = try await blobs.list(prefix: BackupLayout.peoplePrefix, after: nil, limit: 1_000)
            let older = kept.filter { $0 < BackupLayout.people(people.version) }
            for key in older.dropLast(2) { try await blobs.delete(key) }
        }
        peopleVersion = people.version
    }

    /// How many rooms were claimed.
    private func writeRooms() async throws(BackupFault) -> Int {
        let (server, now, settings) = (server, clock(), settings)
        let claims = try await asking { () throws(StoreError) in
            try await source.claimBackups(
                by: server, at: now, forSeconds: settings.claimSeconds, limit: settings.claims)
        }
        let results = await write(claims.map(\.room), forcingSnapshot: false)
        var fault: BackupFault?
        for (room, result) in results {
            switch result {
            case .success(let outcome):
                faultsTold.remove(room)
                snapshotsDue[room] = outcome.snapshotDue
                let note = BackupNote(room: room, state: outcome.state)
                try await asking { () throws(StoreError) in try await source.note(note, by: server) }
            case .failure(.store(let error)):
                fault = .store(error)
                try? await source.releaseBackup(of: room, by: server)
            case .failure(let error):
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
    private func writeSnapshots(dueBefore moment: Timestamp?) async throws(BackupFault) {
        let rooms = snapshotsDue.filter { due in moment.map { due.value <= $0 } ?? true }.map(\.key)
        for (room, result) in await write(rooms, forcingSnapshot: true) {
            switch result {
            case .success: snapshotsDue[room] = nil
            case .failure(.store(let error)): throw .store(error)
            case .failure(let error): tell(error, of: room)
            }
        }
    }

    private func write(
        _ rooms: [RoomID], forcingSnapshot: Bool
    ) async -> [(RoomID, Result<RoomBackup.Outcome, BackupFault>)] {
        let backup = RoomBackup(
            blobs: blobs, source: source, manifests: manifests, settings: settings, now: clock())
        return await sideBySide(rooms, atMost: settings.writers) { room in
            do throws(BackupFault) {
                return (room, .success(try await backup.write(room, forcingSnapshot: forcingSnapshot)))
            } catch {
                return (room, .failure(error))
            }
        }
    }
}

extension BackupWriter {
    /// Writes what is due before the end, as far as the time allows; the rest stays due.
    package func finish(within time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(BackupFault) {
                    guard await !self.isWaiting else { throw .store(.unavailable("a store is away")) }
                    try await self.drain()
                } catch {
                    self.warn(error)
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
