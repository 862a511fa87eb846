import Dispatch

/// Sends commands where they belong: to the one server, to the master the sentinels name, or to the node of a cluster.
///
/// In a cluster, `CLUSTER SLOTS` is asked of the first connection and again every few seconds; each master has a lane
/// of its own. Everything that goes over the bus between servers meets at the node that keeps the slot of `busKey`,
/// for only there does `PUBLISH` count all who listen.
final class RedisCommands {
    static let busKey = "rooms:bus"

    private let url: RedisURL
    private let settings: RedisSettings
    private let queue: DispatchQueue
    private let finder: MasterFinder?
    private let main: RedisLane
    private var isCluster = false
    private var slots: SlotMap?
    private var nodes: [RedisEndpoint: RedisLane] = [:]
    private var seeds: [RedisEndpoint] = []
    private var refresh: QueueTimer?
    private var isRefreshing = false
    private(set) var version = ""
    /// Why Redis is of no full use although it is connected: it is full, or takes no writes.
    private(set) var complaint: RedisFault?
    private(set) var sent = 0

    /// Something about ``fault`` or ``complaint`` may have changed.
    var onChange: () -> Void = {}
    /// Something that was written may be lost.
    var onLoss: () -> Void = {}
    /// The cluster keeps the bus elsewhere now.
    var onBusMoved: () -> Void = {}

    init(url: RedisURL, settings: RedisSettings, queue: DispatchQueue) {
        (self.url, self.settings, self.queue) = (url, settings, queue)
        switch url.place {
        case .server(let endpoint):
            finder = nil
            seeds = [endpoint]
        case .sentinels(let sentinels, let service):
            finder = MasterFinder(sentinels, service: service, url: url, settings: settings, queue: queue)
        }
        let relay = FindingRelay()
        main = RedisLane(url: url, settings: settings, queue: queue) { relay.find($0) }
        relay.find = { [weak self] in self?.locateMain($0) }
        main.onUp = { [weak self] link, greeting in self?.mainIsUp(link, greeting) }
        main.onDown = { [weak self] fault in self?.mainIsDown(fault) }
    }

    func start() { main.start() }

    func stop() {
        refresh = nil
        main.stop()
        for node in nodes.values { node.stop() }
    }

    /// Nil when every command has where to go.
    var fault: RedisFault? {
        if let fault = main.fault { return fault }
        guard isCluster else { return nil }
        guard slots != nil else { return .connecting }
        return nodes.values.lazy.compactMap(\.fault).first
    }

    var reconnects: Int { ([main] + nodes.values).reduce(0) { $0 + max(0, $1.timesUp - 1) } }

    /// Where a subscriber listens.
    func locateBus(_ answer: @escaping (Result<RedisEndpoint, RedisFault>) -> Void) {
        if let fault { return answer(.failure(fault)) }
        if isCluster {
            answer(slots?.owner(of: Self.busKey).map { .success($0) } ?? .failure(.refused("CLUSTERDOWN")))
        } else {
            answer(main.link.map { .success($0.endpoint) } ?? .failure(.connecting))
        }
    }

    private func locateMain(_ answer: @escaping (Result<RedisEndpoint, RedisFault>) -> Void) {
        if let finder { return finder.find(answer) }
        // The nodes of a cluster take turns: the one that was named first may be gone for good.
        let next = seeds.removeFirst()
        seeds.append(next)
        answer(.success(next))
    }
}

/// Breaks the ring between a lane and who finds its place.
private final class FindingRelay {
    var find: RedisLane.Finding = { $0(.failure(.connecting)) }
}

// MARK: - Sending

extension RedisCommands {
    func send(_ command: RedisCommand, _ answer: @escaping RedisLink.Answer) {
        send(command, along: lane(for: command.key), attempts: 5, answer)
    }

    private func lane(for key: String?) -> RedisLane? {
        guard isCluster, let key else { return main }
        return slots?.owner(of: key).flatMap { nodes[$0] }
    }

    private func send(
        _ command: RedisCommand, along lane: RedisLane?, attempts: Int, isAsking: Bool = false,
        _ answer: @escaping RedisLink.Answer
    ) {
        guard let lane, let link = lane.link else { return answer(.failure(lane?.fault ?? .connecting)) }
        if command.isScript {
            guard !lane.scripts.isHolding else { return lane.scripts.hold((command, attempts, answer)) }
            lane.scripts.sent()
        }
        sent += 1
        if isAsking { link.send(RedisCommand("ASKING").bytes) { _ in } }
        link.send(command.bytes) { [weak self] result in
            guard let self else { return answer(result) }
            if command.isScript { lane.scripts.answered() }
            answered(result, to: command, by: lane, at: link.endpoint, attempts: attempts, answer)
            if command.isScript { releaseScripts(of: lane) }
        }
    }

    private func answered(
        _ result: Result<RedisValue, RedisFault>, to command: RedisCommand, by lane: RedisLane,
        at endpoint: RedisEndpoint, attempts: Int, _ answer: @escaping RedisLink.Answer
    ) {
        guard case .success(.error(let text)) = result else {
            if case .success = result, command.provesWriting { tookWrite() }
            return answer(result)
        }
        if attempts > 0, text.hasPrefix("NOSCRIPT") {
            return lane.scripts.refused((command, attempts - 1, answer))
        }
        if attempts > 0, isCluster, let redirection = Redirection(text, from: endpoint) {
            return follow(redirection, with: command, attempts: attempts - 1, answer)
        }
        refused(text, by: lane)
        answer(.failure(.refused(text)))
    }

    private func releaseScripts(of lane: RedisLane) {
        guard let scripts = lane.scripts.release() else { return }
        if let link = lane.link { prepare(link) }
        for script in scripts { send(script.command, along: lane, attempts: script.attempts, script.answer) }
    }

    private func follow(
        _ redirection: Redirection, with command: RedisCommand, attempts: Int, _ answer: @escaping RedisLink.Answer
    ) {
        if redirection.isLasting {
            slots?.move(redirection.slot, to: redirection.endpoint)
            loadSlots()
        }
        let lane = node(redirection.endpoint)
        send(command, along: lane, attempts: attempts, isAsking: !redirection.isLasting, answer)
    }

    /// Takes an error for what it says of the server; `lane` is the one it came by.
    private func refused(_ text: String, by lane: RedisLane?) {
        let fault = RedisFault.refused(text)
        switch fault.code {
        case "READONLY", "LOADING", "MASTERDOWN", "NOAUTH", "WRONGPASS": (lane ?? main).drop(fault)
        case "OOM", "MISCONF", "NOPERM", "CLUSTERDOWN", "NOREPLICAS": complain(fault)
        default: if text.contains("-OOM ") { complain(fault) }
        }
    }

    /// An error that a script met and lived through.
    func met(_ text: String, key: String) { refused(text, by: lane(for: key)) }

    private func complain(_ fault: RedisFault) {
        let isNew = complaint == nil
        complaint = fault
        if isNew { onChange() }
    }

    func tookWrite() {
        guard complaint != nil else { return }
        complaint = nil
        onLoss()
        onChange()
    }
}

// MARK: - Lanes

extension RedisCommands {
    private func mainIsUp(_ link: RedisLink, _ greeting: RedisGreeting) {
        version = greeting.version
        isCluster = greeting.isCluster
        prepare(link)
        if isCluster {
            refresh = QueueTimer(every: .seconds(2), on: queue) { [weak self] in self?.loadSlots() }
            isRefreshing = false
            loadSlots()
        }
        onChange()
    }

    private func mainIsDown(_ fault: RedisFault) {
        isRefreshing = false
        onLoss()
        onChange()
    }

    /// Gives a server our scripts before the first command that needs them.
    private func prepare(_ link: RedisLink) {
        for script in LiveScripts.all { link.send(RedisCommand("SCRIPT", "LOAD", script.source).bytes) { _ in } }
    }

    private func loadSlots() {
        guard !isRefreshing, let link = main.link else { return }
        isRefreshing = true
        link.send(RedisCommand("CLUSTER", "SLOTS").bytes) { [weak self] result in
            guard let self else { return }
            isRefreshing = false
            guard case .success(let reply) = result else { return }
            guard let map = SlotMap(reply, from: link.endpoint) else {
                return complain(.refused("CLUSTERDOWN"))
            }
            if complaint?.code == "CLUSTERDOWN" { tookWrite() }
            take(map)
        }
    }

    private func take(_ map: SlotMap) {
        let busMoved = slots?.owner(of: Self.busKey) != map.owner(of: Self.busKey)
        slots = map
        seeds = Array(map.masters)
        for endpoint in map.masters { _ = node(endpoint) }
        for (endpoint, lane) in nodes where !map.masters.contains(endpoint) {
            lane.stop()
            nodes[endpoint] = nil
        }
        if busMoved { onBusMoved() }
        onChange()
    }

    private func node(_ endpoint: RedisEndpoint) -> RedisLane {
        if let lane = nodes[endpoint] { return lane }
        let lane = RedisLane(url: url, settings: settings, queue: queue) { $0(.success(endpoint)) }
        nodes[endpoint] = lane
        lane.onUp = { [weak self] link, _ in
            self?.prepare(link)
            self?.onChange()
        }
        lane.onDown = { [weak self] _ in
            self?.onLoss()
            self?.loadSlots()
            self?.onChange()
        }
        lane.start()
        return lane
    }
}
