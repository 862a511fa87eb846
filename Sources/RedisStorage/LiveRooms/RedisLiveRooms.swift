import Dispatch
import RoomCore
import RoomStorage
import Synchronization

/// Live rooms in Redis, shared by the servers that use it.
///
/// Two connections, each of which is opened again when it ends: one for commands, one that hears subscribed channels.
/// Whenever either was away, or writes were refused, listeners hear ``LiveNews/interrupted`` at the return.
/// News is heard on the adapter's one queue, in the order it came.
package actor RedisLiveRooms {
    final class Hearing: Sendable {
        let hear: @Sendable (LiveNews) -> Void
        let isCancelled = Atomic(false)

        init(_ hear: @escaping @Sendable (LiveNews) -> Void) { self.hear = hear }

        func offer(_ news: LiveNews) {
            if !isCancelled.load(ordering: .acquiring) { hear(news) }
        }
    }

    nonisolated let executor: QueueExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let settings: RedisSettings
    nonisolated let keys: RedisKeys
    nonisolated let tally = Mutex(RedisCounters())
    private nonisolated let standing = Mutex(StoreState.away("Redis was not reached yet"))
    private let onState: @Sendable (StoreState) -> Void

    var commands: RedisLink?
    private var news: RedisLink?
    /// The connection that hears, from the moment its subscriptions are being made.
    var hearingConnection: RedisConnection?
    private var runs: [Task<Void, Never>] = []
    private var faults: [Side: RedisFault] = [:]
    private var reported: Set<Side> = []
    private var firstReports: CheckedContinuation<Void, Never>?
    /// Why writes are refused though Redis answers.
    private var trouble: RedisFault?

    var listeners: [ServerID: Hearing] = [:]
    var follows: [RoomID: Set<ServerID>] = [:]
    var digests: [RedisScript: String] = [:]
    /// Servers whose lease this program has renewed.
    var renewed: Set<ServerID> = []
    var lastStaged = UInt64.random(in: 0 ... .max / 2)

    enum Side: Hashable, CaseIterable {
        case commands, news
    }

    private init(
        url: RedisURL, settings: RedisSettings, executor: QueueExecutor,
        onState: @escaping @Sendable (StoreState) -> Void
    ) {
        self.executor = executor
        self.settings = settings
        self.onState = onState
        keys = RedisKeys(database: url.database)
    }

    /// Returns when Redis was reached or seen to be away: then it goes on trying.
    ///
    /// - Parameter caFile: certificates in PEM to trust with `rediss://`; nil for those of the system.
    /// - Parameter onState: hears every change of ``state``.
    /// - Throws: ``RedisFault/malformedURL(_:)`` and nothing else.
    package static func open(
        url text: String, caFile: String? = nil, settings: RedisSettings = RedisSettings(),
        onState: @escaping @Sendable (StoreState) -> Void = { _ in }
    ) async throws(RedisFault) -> RedisLiveRooms {
        let url = try RedisURL(text)
        let executor = QueueExecutor(label: "rooms.redis")
        let rooms = RedisLiveRooms(url: url, settings: settings, executor: executor, onState: onState)
        await rooms.start(through: RedisDoor(url: url, caFile: caFile, settings: settings, executor: executor))
        return rooms
    }

    deinit {
        for link in [commands, news] { link.map { link in executor.queue.async { link.assumeIsolated { $0.close() } } } }
    }

    private func start(through door: RedisDoor) async {
        let commands = RedisLink(through: door) { [weak self] connection async throws(RedisFault) in
            try await self?.loadScripts(on: connection)
        } onChange: { [weak self] fault in
            self?.assumeIsolated { $0.changed(.commands, fault) }
        }
        let news = RedisLink(through: door) { [weak self] connection async throws(RedisFault) in
            try await self?.subscribeAll(on: connection)
        } onChange: { [weak self] fault in
            self?.assumeIsolated { $0.changed(.news, fault) }
        }
        (self.commands, self.news) = (commands, news)
        runs = [Task { await commands.run() }, Task { await news.run() }]
        await withCheckedContinuation { firstReports = $0 }
    }

    /// Ends both connections; nothing is heard any more.
    package func close() async {
        listeners = [:]
        follows = [:]
        closeLinks()
        for run in runs { await run.value }
        runs = []
    }

    private func closeLinks() {
        for link in [commands, news] { link?.assumeIsolated { $0.close() } }
    }

    package nonisolated var state: StoreState { standing.withLock { $0 } }
    package nonisolated var counters: RedisCounters { tally.withLock { $0 } }

    /// Does something on the queue, in the order of the calls.
    nonisolated func perform(_ body: @escaping @Sendable (isolated RedisLiveRooms) -> Void) {
        executor.queue.async { self.assumeIsolated(body) }
    }
}

// MARK: - Being away and coming back

extension RedisLiveRooms {
    private func changed(_ side: Side, _ fault: RedisFault?) {
        faults[side] = fault
        if fault == nil {
            if side == .commands { trouble = nil }
            if reported.contains(side) { tally.withLock { $0.reconnects += 1 } }
        } else if side == .news {
            hearingConnection = nil
        }
        reported.insert(side)
        updateState()
        if reported.count == Side.allCases.count {
            firstReports?.resume()
            firstReports = nil
        }
    }

    private func updateState() {
        let isComplete = reported.count == Side.allCases.count
        let fault = faults[.commands] ?? faults[.news] ?? trouble
        let state = fault.map { StoreState.away($0.description) } ?? .reachable
        guard isComplete || state != .reachable else { return }
        let previous = standing.withLock { standing in
            defer { standing = state }
            return standing
        }
        guard previous != state else { return }
        onState(state)
        if state == .reachable { tellInterrupted() }
    }

    func tellInterrupted() {
        for hearing in listeners.values { hearing.offer(.interrupted) }
    }

    /// What an error reply says about more than its command.
    func heed(_ fault: RedisFault) {
        switch fault {
        case .notMaster, .loading, .passwordNeeded, .wrongPassword:
            commands?.assumeIsolated { $0.drop(fault) }
        case .refused(let text) where text.hasPrefix("NOSCRIPT"):
            // Loaded again with the next connection: sent again one by one, commits would overtake each other.
            commands?.assumeIsolated { $0.drop(.lost("its scripts were flushed")) }
        case .outOfMemory, .cannotSave, .notPermitted:
            let isNew = trouble == nil
            trouble = fault
            updateState()
            if isNew { tryAgainSoon() }
        default: break
        }
    }

    private func tryAgainSoon() {
        let pause = settings.longestPause
        executor.queue.asyncAfter(deadline: .now() + pause.seconds) { [weak self] in
            self?.assumeIsolated { $0.tryWriting() }
        }
    }

    private func tryWriting() {
        guard trouble != nil, let commands else { return }
        let command = RedisCommand("SET", keys.trial, "1", "PX", "1000")
        commands.assumeIsolated { commands in
            commands.send(command) { [weak self] result in self?.assumeIsolated { $0.tried(result) } }
        }
    }

    private func tried(_ result: Result<RedisReply, RedisFault>) {
        guard trouble != nil else { return }
        guard case .success(.status) = result else { return tryAgainSoon() }
        trouble = nil
        updateState()
    }
}
