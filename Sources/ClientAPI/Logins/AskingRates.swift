import Synchronization

/// How often something may be asked under one name: so many times a second, and a burst more.
final class AskingRates: Sendable {
    struct TooOften: Error {}

    private struct Level {
        var used: Double
        var at: Duration
    }

    private let levels = Mutex<[String: Level]>([:])
    private let perSecond: Double
    private let burst: Double
    private let elapsed: @Sendable () -> Duration
    static let nameLimit = 10_000

    init(perSecond: Double, burst: Double, elapsed: @escaping @Sendable () -> Duration) {
        self.perSecond = perSecond
        self.burst = burst
        self.elapsed = elapsed
    }

    /// Counts a request, if it may pass.
    func count(_ name: String) throws(TooOften) {
        let now = elapsed()
        let isAllowed = levels.withLock { levels in
            if levels.count >= Self.nameLimit, levels[name] == nil { forget(&levels, at: now) }
            let used = levels[name].map { left(of: $0, at: now) } ?? 0
            guard used + 1 <= burst else { return false }
            levels[name] = Level(used: used + 1, at: now)
            return true
        }
        guard isAllowed else { throw TooOften() }
    }

    private func left(of level: Level, at now: Duration) -> Double {
        max(0, level.used - (now - level.at) / .seconds(1) * perSecond)
    }

    /// Lets go of names that have been quiet; if none has been, of all, for memory has an end.
    private func forget(_ levels: inout [String: Level], at now: Duration) {
        levels = levels.filter { left(of: $0.value, at: now) > 0 }
        if levels.count >= Self.nameLimit { levels = [:] }
    }
}
