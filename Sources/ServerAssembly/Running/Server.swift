import AdminAPI
import ClientAPI
import Cryptography
import EmbeddedStorage
import EventLoops
import HTTPServing
import Logging
import RoomBackups
import RoomCore
import RoomService
import RoomStorage

/// The whole server: the one list of its parts, their start, and their end.
package struct Server: Sendable {
    private let configuration: Configuration
    private let parts: Parts
    private let lock: ServingLock
    private let group: EventLoopGroup
    private let directory: RoomDirectory
    private let http: HTTPServer
    private let health: Health
    private let storeWatch: StoreWatch
    private let address: PublicAddress
    private let check: FileCheck
    private let backups: BackupWriter
    private let logger: Logger

    /// Serves until a signal asks for the end, then drains. A second signal ends the process at once.
    package static func run(_ configuration: Configuration, readyFile: String?) async throws {
        let logger = try makeLogger(configuration)
        let descriptors = ProcessEnvironment.raiseDescriptorLimit()
        let server = try await Server(configuration, logger: logger)
        let addresses = try server.listen(descriptors: descriptors)
        let signals = TerminationSignals()
        try server.tellReady(at: addresses, readyFile: readyFile)
        await server.serve(until: signals)
    }

    private static func makeLogger(_ configuration: Configuration) throws -> Logger {
        guard let level = Logger.Level(rawValue: configuration.logLevel) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationFault("SLEAP_ROOMS_LOG_LEVEL", configuration.logLevel, "give one of \(levels)")
        }
        return Logger(label: "room-server") { label in
            ServerLog(label: label, format: configuration.logFormat, level: level)
        }
    }

    /// Puts the parts together; nothing listens yet.
    package init(_ configuration: Configuration, logger: Logger) async throws {
        self.configuration = configuration
        self.logger = logger
        parts = try await Parts.open(configuration, logger: logger)
        lock = try parts.directory.serve()
        // A role that may only read would let the server start and refuse every write.
        if configuration.databaseURL != nil { try await parts.record.probe() }
        let server = ServerID(try SecureRandom.hex(bytes: 8))
        backups = try await parts.startBackups(configuration, as: server, logger: logger)
        let live = try await configuration.openLive(logger)
        let held = handovers(beside: live)
        group = try EventLoopGroup.start(
            count: configuration.loops == 0 ? EventLoopGroup.onlineCores : configuration.loops, label: "loop")
        let counters = ServiceCounters()
        address = PublicAddress(configuration)
        let logins = Logins(configuration, at: address, logger: logger)
        let files = try parts.files(configuration, at: address, logger: logger)
        health = Health()
        storeWatch = StoreWatch(
            health: health, record: parts.recordCondition(configuration), live: LiveCondition(live: live),
            blobs: BlobsCondition(store: files.condition, backups: backups), logger: logger)
        let directory = RoomDirectory(
            RoomDependencies(
                manifests: parts.record, accounts: parts.record, live: live,
                server: server, handovers: held, authority: parts.authority,
                settings: configuration.service, counters: counters, clock: wallClock, logger: logger,
                files: files.files, issuers: logins.issuers),
            executors: group.loops)
        self.directory = directory
        let check = FileCheck(
            files.files, manifests: parts.record, directory: directory, clock: wallClock, logger: logger)
        self.check = check
        let accounts = parts.accounts(closing: directory, issuers: logins.issuers)
        http = Self.serving(
            configuration, parts, directory, health, counters, backups, origins: logins.origins, logger
        ) { router in
            let invites = Invites(accounts, handovers: held)
            let newKeys = NewAccountKeys(held, clock: wallClock)
            AccountRoutes(accounts, invites: invites, newKeys: newKeys, directory: directory).add(to: &router)
            logins.add(to: &router, accounts, held)
            let desk = WorkerDesk(accounts: accounts, directory: directory)
            WorkerRoutes(desk).add(to: &router)
            StreamRoutes(desk, directory.dependencies.streams).add(to: &router)
            if let served = files.served { FileRoutes(served).add(to: &router) }
            StorageRoutes(check, access: AdminAccess(token: configuration.adminToken)).add(to: &router)
        }
    }

    private static func serving(
        _ configuration: Configuration, _ parts: Parts, _ directory: RoomDirectory, _ health: Health,
        _ counters: ServiceCounters, _ backups: BackupWriter, origins: AllowedOrigins, _ logger: Logger,
        _ addMore: (inout Router) -> Void
    ) -> HTTPServer {
        let serving = ServingCounters()
        var router = Router()
        HomePage().add(to: &router)
        HealthRoutes(health, version: ServerVersion.text, clock: wallClock).add(to: &router)
        let record = parts.record
        MetricsRoutes(
            service: counters, serving: serving, directory: directory, health: health,
            record: {
                let counts = record.counts
                return RecordFacts(writes: counts.writes, commits: counts.commits, failures: counts.failures)
            }, backupAge: { backups.ageSeconds }, clock: wallClock
        ).add(to: &router)
        addMore(&router)
        return HTTPServer(
            router: router,
            webSocket: { head, _ in
                origins.welcomes(head) ? .accept(PeerSocket(directory)) : .refuse(Self.foreignPage)
            }, limits: configuration.serving, origins: origins, counters: serving, logger: logger)
    }

    private static let foreignPage = Response.error(
        .forbidden, "Pages of this origin may not use this server: list it in SLEAP_ROOMS_ALLOWED_ORIGINS")

    private func listen(descriptors: Int) throws -> [SocketAddress] {
        let limits = configuration.connections(descriptors: descriptors)
        return try configuration.listen.flatMap { text in
            do throws(LoopFault) {
                return try http.start(on: group, addresses: [SocketAddress(text)], connectionLimits: limits)
            } catch {
                throw StartFault(error, listeningOn: text)
            }
        }
    }

    private func tellReady(at addresses: [SocketAddress], readyFile: String?) throws {
        if let first = addresses.first { address.note("http://\(first)") }
        health.enter(.ready)
        logger.notice(
            "ready",
            metadata: [
                "listen": "\(addresses.map(\.description).joined(separator: ","))", "version": "\(ServerVersion.text)",
                "page": "\(configuration.publicURL ?? addresses.first.map { "http://\($0)" } ?? "")",
            ])
        guard let readyFile, let first = addresses.first else { return }
        try ReadyFile(address: first, version: ServerVersion.text).write(to: readyFile)
    }

    private func serve(until signals: TerminationSignals) async {
        let backing = Task(executorPreference: BackupExecutor()) { await backups.run() }
        await withTaskGroup { tasks in
            tasks.addTask { await directory.run() }
            tasks.addTask { await storeWatch.run() }
            tasks.addTask { await check.run() }
            await signals.first()
            await drain()
            tasks.cancelAll()
        }
        await backups.finish(within: .seconds(10))
        backing.cancel()
        await parts.record.close()
        logger.notice("stopped")
    }

    /// Nothing new comes in, everybody is sent away over the drain time, and what was acknowledged is on disk already.
    private func drain() async {
        logger.notice("draining", metadata: ["seconds": "\(configuration.drainSeconds)"])
        health.enter(.draining)
        http.stopAccepting()
        await directory.drain(over: .seconds(configuration.drainSeconds))
        await closingHandshakes()
        http.close()
        group.stop()
        await group.stopped()
    }

    /// Peers that were sent away get a moment to take their close frames.
    private func closingHandshakes() async {
        for _ in 0..<40 where http.counters.webSocketsOpen > 0 { try? await Task.sleep(for: .milliseconds(50)) }
    }

    /// Every HTTP route, for documents to be checked against.
    package var routes: [String] { http.routes }

    /// Lets go of a server that was put together and never served.
    package func dismantle() async {
        group.stop()
        await group.stopped()
        await parts.record.close()
    }
}
