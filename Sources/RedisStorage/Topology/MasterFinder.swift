import Dispatch

/// Asks sentinels for the master of a service, one after the other, the one that knew last first.
final class MasterFinder {
    private let service: String
    private var sentinels: [RedisEndpoint]
    private let url: RedisURL
    private let settings: RedisSettings
    private let queue: DispatchQueue
    private var asked: [ObjectIdentifier: RedisLink] = [:]

    init(_ sentinels: [RedisEndpoint], service: String, url: RedisURL, settings: RedisSettings, queue: DispatchQueue) {
        (self.sentinels, self.service, self.url, self.queue) = (sentinels, service, url, queue)
        var settings = settings
        settings.connectTimeout = .seconds(1)
        settings.answerTimeout = .seconds(1)
        self.settings = settings
    }

    func find(_ answer: @escaping (Result<RedisEndpoint, RedisFault>) -> Void) {
        ask(sentinels[...], lastReason: "none was asked", answer)
    }

    private func ask(
        _ rest: ArraySlice<RedisEndpoint>, lastReason: String,
        _ answer: @escaping (Result<RedisEndpoint, RedisFault>) -> Void
    ) {
        guard let sentinel = rest.first else {
            return answer(.failure(.noMaster(service: service, reason: lastReason)))
        }
        let link = RedisLink(to: sentinel, as: .sentinel, url: url, settings: settings, queue: queue)
        asked[ObjectIdentifier(link)] = link
        var outcome: Result<RedisEndpoint, RedisFault> = .failure(.connecting)
        link.onReady = { [service, unowned link] _ in
            link.send(RedisCommand("SENTINEL", "get-master-addr-by-name", service).bytes) { reply in
                outcome = reply.flatMap { Self.master(in: $0, service: service) }
                link.end(.closed)
            }
        }
        link.onEnd = { [weak self, unowned link] fault in
            guard let self else { return }
            asked[ObjectIdentifier(link)] = nil
            if case .failure(.connecting) = outcome { outcome = .failure(fault) }
            switch outcome {
            case .success:
                sentinels = [sentinel] + sentinels.filter { $0 != sentinel }
                answer(outcome)
            case .failure(let fault): ask(rest.dropFirst(), lastReason: "\(fault)", answer)
            }
        }
        link.open()
    }

    private static func master(in reply: RedisValue, service: String) -> Result<RedisEndpoint, RedisFault> {
        if let list = reply.array, list.count == 2, let host = list[0].text, let port = list[1].integer {
            return .success(RedisEndpoint(host: host, port: port))
        }
        return .failure(.refused(reply.error ?? "the sentinel knows no service \(service)"))
    }
}
