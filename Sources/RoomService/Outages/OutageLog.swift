import Logging
import RoomCore
import Synchronization

/// Tells of a mode that many requests run into: when it begins, at most once a minute how often it was met, and when it
/// ends.
///
/// A store that is away fails every room's every batch; a line for each would bury the one that matters, and fill the
/// disk. A mode that comes back within a minute of its last line is counted and told with that minute's, so that a store
/// which comes and goes cannot flood the log either.
package final class OutageLog: Sendable {
    /// What is written, as constant sentences.
    package struct Sentences: Sendable {
        let begun: String
        let going: String
        let ended: String

        package init(begun: String, going: String, ended: String) {
            self.begun = begun
            self.going = going
            self.ended = ended
        }
    }

    fileprivate struct Outage {
        var isOn = false
        /// Whether anybody was told that it is on.
        var isTold = false
        var since = Timestamp(seconds: 0)
        var lineAt: Timestamp?
        var untold = 0
        var total = 0
    }

    private static let lineSeconds: Int64 = 60

    private let sentences: Sentences
    private let logger: Logger
    private let clock: @Sendable () -> Timestamp
    private let outage = Mutex(Outage())
    /// The same as the outage's own, for who has nothing to tell and no time to wait.
    private let isOn = Atomic(false)

    package init(_ sentences: Sentences, logger: Logger, clock: @escaping @Sendable () -> Timestamp) {
        self.sentences = sentences
        self.logger = logger
        self.clock = clock
    }

    /// - Parameter count: how many requests met it at once.
    package func failed(_ cause: @autoclosure () -> String, count: Int = 1) {
        let now = clock()
        let line = outage.withLock { $0.fail(count, at: now, every: Self.lineSeconds) }
        isOn.store(true, ordering: .relaxed)
        guard let line else { return }
        logger.warning(
            line.isFirst ? "\(sentences.begun)" : "\(sentences.going)",
            metadata: ["cause": "\(cause())", "count": "\(line.count)", "seconds": "\(line.seconds)"])
    }

    /// Costs a load of one flag while nothing is wrong.
    package func succeeded() {
        guard isOn.load(ordering: .relaxed) else { return }
        let now = clock()
        isOn.store(false, ordering: .relaxed)
        guard let line = outage.withLock({ $0.end(at: now) }) else { return }
        logger.notice(
            "\(sentences.ended)", metadata: ["count": "\(line.count)", "seconds": "\(line.seconds)"])
    }
}

extension OutageLog.Outage {
    fileprivate struct Line {
        let isFirst: Bool
        let count: Int
        let seconds: Int64
    }

    /// What to write now; nil when the last line is too young.
    fileprivate mutating func fail(_ count: Int, at now: Timestamp, every term: Int64) -> Line? {
        if !isOn {
            (isOn, isTold, since, total) = (true, false, now, 0)
        }
        total += count
        untold += count
        if let lineAt, now < lineAt.advanced(bySeconds: term) { return nil }
        defer { (isTold, lineAt, untold) = (true, now, 0) }
        return Line(isFirst: !isTold, count: untold, seconds: now.seconds - since.seconds)
    }

    /// Nil when nobody was told that it was on.
    fileprivate mutating func end(at now: Timestamp) -> Line? {
        guard isOn else { return nil }
        isOn = false
        guard isTold else { return nil }
        (isTold, untold) = (false, 0)
        return Line(isFirst: false, count: total, seconds: now.seconds - since.seconds)
    }
}
