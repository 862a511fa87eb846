/// Who waits for which reply, in the order the commands were sent.
struct PendingReplies {
    struct Entry {
        let size: Int
        let sentAt: ContinuousClock.Instant
        var repliesLeft: Int
        let answer: RedisAnswer
    }

    private var entries: [Entry?] = []
    private var head = 0
    private(set) var bytes = 0

    var first: Entry? { head < entries.count ? entries[head] : nil }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.size
    }

    /// The one a reply is for, if that was its last.
    mutating func matched(by reply: RedisReply) -> (isExpected: Bool, complete: Entry?) {
        guard var entry = first else { return (false, nil) }
        entry.repliesLeft -= 1
        // An error stands for all the replies that will not come.
        if case .error = reply { entry.repliesLeft = 0 }
        guard entry.repliesLeft == 0 else {
            entries[head] = entry
            return (true, nil)
        }
        entries[head] = nil
        head += 1
        bytes -= entry.size
        if head > 512, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return (true, entry)
    }

    mutating func removeAll() -> [Entry] {
        defer { self = PendingReplies() }
        return entries[head...].compactMap { $0 }
    }
}
