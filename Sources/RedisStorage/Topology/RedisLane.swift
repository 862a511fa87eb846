import Dispatch

/// Keeps one connection standing: finds where to, connects, and begins again when it ends.
///
/// The first attempt after a connection is made at once, later ones after 50 ms, doubling up to a second, each with a
/// random part so that servers do not all come at the same moment.
final class RedisLane {
    typealias Finding = (@escaping (Result<RedisEndpoint, RedisFault>) -> Void) -> Void

    private let url: RedisURL
    private let settings: RedisSettings
    private let queue: DispatchQueue
    private let find: Finding
    private var attempt: RedisLink?
    private var failures = 0
    private var pause: QueueTimer?
    private var isStopped = true
    private var round = 0

    /// The connection, once it was greeted.
    private(set) var link: RedisLink?
    private(set) var fault: RedisFault? = .connecting
    private(set) var timesUp = 0
    var scripts = ScriptHold()

    var onUp: (RedisLink, RedisGreeting) -> Void = { _, _ in }
    /// A connection ended, or could not be made.
    var onDown: (RedisFault) -> Void = { _ in }

    init(url: RedisURL, settings: RedisSettings, queue: DispatchQueue, find: @escaping Finding) {
        (self.url, self.settings, self.queue, self.find) = (url, settings, queue, find)
    }

    func start() {
        guard isStopped else { return }
        isStopped = false
        begin()
    }

    func stop() {
        isStopped = true
        pause = nil
        round += 1
        (attempt ?? link)?.end(.closed)
        (attempt, link, fault) = (nil, nil, .closed)
    }

    /// Ends the connection, and makes another.
    func drop(_ fault: RedisFault) { link?.end(fault) }

    /// Does not wait any longer before the next attempt.
    func hurry() {
        guard pause != nil else { return }
        failures = 0
        begin()
    }

    private func begin() {
        pause = nil
        round += 1
        let round = round
        find { [weak self] result in
            guard let self, !isStopped, self.round == round else { return }
            switch result {
            case .success(let endpoint): connect(to: endpoint)
            case .failure(let fault): ended(fault)
            }
        }
    }

    private func connect(to endpoint: RedisEndpoint) {
        let link = RedisLink(to: endpoint, as: .master, url: url, settings: settings, queue: queue)
        attempt = link
        link.onReady = { [weak self, unowned link] greeting in
            guard let self else { return }
            (attempt, self.link, fault, failures) = (nil, link, nil, 0)
            timesUp += 1
            onUp(link, greeting)
        }
        link.onEnd = { [weak self] in self?.ended($0) }
        link.open()
    }

    private func ended(_ fault: RedisFault) {
        guard !isStopped else { return }
        (attempt, link, self.fault) = (nil, nil, fault)
        let delay = failures == 0 ? 0 : min(1_000, 25 << min(failures, 10))
        failures += 1
        let jittered = delay == 0 ? Int.random(in: 0...10) : Int.random(in: delay / 2...delay)
        pause = QueueTimer(after: .milliseconds(jittered), on: queue) { [weak self] in self?.begin() }
        onDown(fault)
    }
}
