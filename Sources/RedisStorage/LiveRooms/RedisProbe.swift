import Dispatch

/// One look at Redis, for whoever sets it up.
package enum RedisProbe {
    /// Who answers, such as `Redis 7.0.15 at 127.0.0.1:6379`; or precisely why nobody does.
    package static func probe(url: RedisURL, settings: RedisSettings) async throws(RedisFault) -> String {
        let queue = DispatchQueue(label: "rooms.redis.probe")
        let result: Result<String, RedisFault> = await withCheckedContinuation { continuation in
            queue.async {
                let look = Look(url: url, settings: settings, queue: queue)
                look.begin { result in
                    continuation.resume(returning: result)
                    look.end()
                }
            }
        }
        return try result.get()
    }
}

/// The parts of one look; it lives until it is ended.
private final class Look {
    private let url: RedisURL
    private let settings: RedisSettings
    private let queue: DispatchQueue
    private var finder: MasterFinder?
    private var link: RedisLink?
    private var answer: ((Result<String, RedisFault>) -> Void)?

    init(url: RedisURL, settings: RedisSettings, queue: DispatchQueue) {
        (self.url, self.settings, self.queue) = (url, settings, queue)
    }

    func begin(_ answer: @escaping (Result<String, RedisFault>) -> Void) {
        self.answer = answer
        switch url.place {
        case .server(let endpoint): connect(to: endpoint)
        case .sentinels(let sentinels, let service):
            let finder = MasterFinder(sentinels, service: service, url: url, settings: settings, queue: queue)
            self.finder = finder
            finder.find { result in
                switch result {
                case .success(let endpoint): self.connect(to: endpoint)
                case .failure(let fault): self.say(.failure(fault))
                }
            }
        }
    }

    private func connect(to endpoint: RedisEndpoint) {
        let link = RedisLink(to: endpoint, as: .master, url: url, settings: settings, queue: queue)
        self.link = link
        link.onReady = { greeting in
            let kind = greeting.isCluster ? "Redis Cluster" : "Redis"
            self.say(.success("\(kind) \(greeting.version) at \(endpoint)"))
        }
        link.onEnd = { self.say(.failure($0)) }
        link.open()
    }

    private func say(_ result: Result<String, RedisFault>) {
        let answer = answer
        self.answer = nil
        answer?(result)
    }

    func end() {
        link?.end(.closed)
        (link, finder, answer) = (nil, nil, nil)
    }
}
