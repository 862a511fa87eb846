import Synchronization

/// How often one address may ask: so many times a second, and a burst more.
///
/// It bounds what guessing and flooding can do; behind an ingress many users share an address, so the rates are wide.
final class AskingRates: Sendable {
    private struct Level {
        var used: Double
        var at: Duration
    }

    private let levels = Mutex<[String: Level]>([:])
    private let perSecond: Double
    private let burst: Double
    private let elapsed: @Sendable () -> Duration
    private static let addressLimit = 10_000

    init(perSecond: Double, burst: Double, elapsed: @escaping @Sendable () -> Duration) {
        self.perSecond = perSecond
        self.burst = burst
        self.elapsed = elapsed
    }

    /// Counts a request, if it may pass.
    func allows(_ address: String) -> Bool {
        let now = elapsed()
        return levels.withLock { levels in
            if levels.count >= Self.addressLimit, levels[address] == nil { forget(&levels, at: now) }
            let used = levels[address].map { left(of: $0, at: now) } ?? 0
            guard used + 1 <= burst else { return false }
            levels[address] = Level(used: used + 1, at: now)
            return true
        }
    }

    private func left(of level: Level, at now: Duration) -> Double {
        max(0, level.used - (now - level.at) / .seconds(1) * perSecond)
    }

    /// Lets go of addresses that have been quiet; if none has been, of all, for memory has an end.
    private func forget(_ levels: inout [String: Level], at now: Duration) {
        levels = levels.filter { left(of: $0.value, at: now) > 0 }
        if levels.count >= Self.addressLimit { levels = [:] }
    }
}
