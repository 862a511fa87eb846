import Dispatch
import RoomCore
import RoomStorage

/// The live rooms as they stand on their queue: who listens here, and both connections.
final class LiveEngine {
    struct Listening {
        let number: Int
        let hear: @Sendable (LiveNews) -> Void
    }

    let keys: LiveKeys
    let settings: RedisSettings
    let queue: DispatchQueue
    let commands: RedisCommands
    let subscriber: Subscriber
    let status: LiveStatus
    private let onState: @Sendable (StoreState) -> Void
    var listeners: [ServerID: Listening] = [:]
    private var nextListener = 0
    private var followers: [RoomID: Set<ServerID>] = [:]
    /// Something may have been lost since the listeners were last told so.
    private var isLossy = false
    private var clock: QueueTimer?
    private var mark: [UInt8]?
    private var isMarkKnown = false
    var renewals: [ServerID: Renewal] = [:]
    private var settling: [() -> Void] = []
    private var isSettled = false
    private var patience: QueueTimer?

    init(
        url: RedisURL, settings: RedisSettings, queue: DispatchQueue, status: LiveStatus,
        onState: @escaping @Sendable (StoreState) -> Void
    ) {
        keys = LiveKeys(database: url.database)
        (self.settings, self.queue, self.status, self.onState) = (settings, queue, status, onState)
        commands = RedisCommands(url: url, settings: settings, queue: queue)
        subscriber = Subscriber(url: url, settings: settings, queue: queue) { [weak commands] answer in
            if let commands { commands.locateBus(answer) } else { answer(.failure(.closed)) }
        }
        commands.onChange = { [weak self] in self?.update() }
        commands.onLoss = { [weak self] in self?.lost() }
        commands.onBusMoved = { [weak self] in self?.subscriber.drop(.refused("CLUSTERDOWN")) }
        subscriber.onStanding = { [weak self] in self?.update() }
        subscriber.onDown = { [weak self] in self?.subscriberIsDown() }
        subscriber.onMessage = { [weak self] in self?.heard($1, on: $0) }
    }

    func start() {
        subscriber.subscribe(keys.everyone) {}
        commands.start()
        subscriber.start()
        clock = QueueTimer(every: .seconds(1), on: queue) { [weak self] in self?.compareMark() }
        patience = QueueTimer(after: settings.connectTimeout * 2, on: queue) { [weak self] in self?.settle() }
    }

    func stop() {
        clock = nil
        patience = nil
        renewals = [:]
        subscriber.stop()
        commands.stop()
        _ = status.set(.away("\(RedisFault.closed)"), isConnected: false)
        settle()
    }

    func send(_ command: RedisCommand, _ answer: @escaping RedisLink.Answer) {
        commands.send(command) { [weak self] result in
            if case .failure = result { self?.isLossy = true }
            answer(result)
        }
    }
}

// MARK: - State

extension LiveEngine {
    /// Calls back once it is known whether Redis can be reached.
    func whenSettled(_ then: @escaping () -> Void) {
        if isSettled { then() } else { settling.append(then) }
    }

    private func settle() {
        (isSettled, patience) = (true, nil)
        let callbacks = settling
        settling = []
        for then in callbacks { then() }
    }

    private func lost() {
        isLossy = true
        isMarkKnown = false
        let fault = commands.fault
        guard !isSettled, let fault, fault != .connecting else { return }
        // Whoever waited looks at the state next.
        update()
        settle()
    }

    private func subscriberIsDown() {
        isLossy = isLossy || isSettled
        update()
    }

    private func update() {
        let fault = commands.fault ?? subscriber.fault
        if commands.fault == nil, !subscriber.isStanding { subscriber.hurry() }
        let isConnected = fault == nil
        let state: StoreState = (fault ?? commands.complaint).map { .away("\($0)") } ?? .reachable
        let isChanged = status.set(state, isConnected: isConnected)
        status.count { $0.reconnects = commands.reconnects + subscriber.reconnects }
        if isChanged { onState(state) }
        guard isConnected else { return }
        if isLossy, isSettled { tellAll() }
        isLossy = false
        settle()
        if !isMarkKnown { compareMark() }
    }

    private func tellAll() {
        status.count { $0.interruptions += 1 }
        for listening in listeners.values { listening.hear(.interrupted) }
    }

    /// A Redis that was emptied while we were connected says nothing of it: its mark is gone, and we look once a second.
    ///
    /// The first to miss it sets another. Where Redis is full, setting it also tells us when it is no longer.
    private func compareMark() {
        status.count { $0.commands = commands.sent }
        guard status.isConnected else { return }
        let token = Array(String(UInt64.random(in: 0 ... .max), radix: 36).utf8)
        var set = RedisCommand(
            words: ["SET", keys.mark].map { Array($0.utf8) } + [token, Array("NX".utf8)], key: keys.mark)
        if commands.complaint != nil {
            set = RedisCommand(words: ["SET", keys.mark].map { Array($0.utf8) } + [mark ?? token], key: keys.mark)
            set.provesWriting = true
        }
        commands.send(set) { _ in }
        commands.send(RedisCommand("GET", keys.mark, key: keys.mark)) { [weak self] result in
            guard let self, case .success(let value) = result else { return }
            let isOther = isMarkKnown && mark != value.bytes
            (mark, isMarkKnown) = (value.bytes, true)
            if isOther { tellAll() }
        }
    }
}

// MARK: - The bus

extension LiveEngine {
    func listen(as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void, then: @escaping (Int) -> Void) {
        nextListener += 1
        let number = nextListener
        listeners[server] = Listening(number: number, hear: hear)
        if !status.isConnected { isLossy = true }
        subscriber.subscribe(keys.channel(server)) { then(number) }
    }

    func endListening(_ number: Int, as server: ServerID) {
        guard listeners[server]?.number == number else { return }
        listeners[server] = nil
        subscriber.unsubscribe(keys.channel(server))
    }

    func follow(_ room: RoomID, as server: ServerID, then: @escaping () -> Void) {
        followers[room, default: []].insert(server)
        if !status.isConnected { isLossy = true }
        subscriber.subscribe(keys.channel(room), then: then)
    }

    func unfollow(_ room: RoomID, as server: ServerID) {
        guard followers[room]?.remove(server) != nil, followers[room]?.isEmpty == true else { return }
        followers[room] = nil
        subscriber.unsubscribe(keys.channel(room))
    }

    private func heard(_ payload: [UInt8], on name: String) {
        guard let channel = keys.channel(named: name), let content = Envelope.read(payload),
            deliver(content, on: channel)
        else { return status.count { $0.junkHeard += 1 } }
    }

    /// False for what does not belong on its channel.
    private func deliver(_ content: Envelope.Content, on channel: LiveKeys.Channel) -> Bool {
        switch (channel, content) {
        case (.everyone, .order(let order, let sender)):
            for (server, listening) in listeners where server != sender { listening.hear(.order(order)) }
        case (.server(let server), .news(.frame(let frame), _)) where frame.server == server:
            status.count { $0.framesHeard += 1 }
            listeners[server]?.hear(.frame(frame))
        case (.room(let room), .news(let news, let sender)) where news.room == room:
            status.count { $0.noticesHeard += 1 }
            for server in followers[room] ?? [] where server != sender { listeners[server]?.hear(news) }
        default: return false
        }
        return true
    }
}

extension LiveNews {
    /// The room whose followers hear it.
    fileprivate var room: RoomID? {
        switch self {
        case .committed(let notice): notice.room
        case .arrived(let peer), .left(let peer): peer.room
        case .frame, .order, .outOfStep, .interrupted: nil
        }
    }
}
