/// Deadlines in ticks, six levels of sixty-four slots: putting in and taking out cost the same with ten timers or a
/// million.
///
/// ```
/// level 0   ticks of the current 64           one slot = 1 tick        (10 ms)
/// level 1   the next 63 × 64                  one slot = 64 ticks      (0.64 s)
/// …
/// level 5                                     one slot = 64^5 ticks    (124 days)
/// ```
/// A deadline lies at the level of the highest base-64 digit in which it differs from `elapsed`, in the slot of that
/// digit. When time reaches the start of a slot above level 0 its timers move down, at most five times in all. The
/// lists run through one array by index: no object a timer, no retain on a neighbour.
struct TimerWheel<Payload> {
    /// Names one timer; a spent or cancelled one is not taken for its successor in the same place.
    struct Key: Sendable, Equatable {
        fileprivate let index: Int32
        fileprivate let generation: UInt32
    }

    private struct Node {
        var deadline: UInt64
        var payload: Payload?
        var next: Int32
        var previous: Int32
        var slot: Int32
        var generation: UInt32
    }

    private struct Slot {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    static var levels: Int { 6 }
    /// The last tick there is, 21 years of ten milliseconds; later deadlines are brought forward to it.
    static var lastTick: UInt64 { 1 << 36 - 1 }

    private(set) var elapsed: UInt64 = 0
    private(set) var count = 0
    private var nodes: ContiguousArray<Node> = []
    private var vacant: ContiguousArray<Int32> = []
    private var slots = ContiguousArray(repeating: Slot(), count: levels * 64)
    private var occupied = ContiguousArray(repeating: UInt64(0), count: levels)

    /// Adds a timer; a deadline that has passed counts as the next tick.
    mutating func insert(_ payload: Payload, deadline: UInt64) -> Key {
        let deadline = min(max(deadline, elapsed + 1), Self.lastTick)
        let index: Int32
        if let free = vacant.popLast() {
            index = free
            nodes[Int(index)].deadline = deadline
            nodes[Int(index)].payload = payload
        } else {
            index = Int32(nodes.count)
            nodes.append(
                Node(deadline: deadline, payload: payload, next: -1, previous: -1, slot: -1, generation: 0))
        }
        link(index)
        count += 1
        return Key(index: index, generation: nodes[Int(index)].generation)
    }

    /// Takes a timer out; nil if it has fired or was cancelled before.
    @discardableResult
    mutating func cancel(_ key: Key) -> Payload? {
        let index = Int(key.index)
        guard index < nodes.count, nodes[index].generation == key.generation, nodes[index].payload != nil else {
            return nil
        }
        return take(key.index)
    }

    /// The next timer due at or before `tick`, in order of ticks; nil moves `elapsed` to `tick`.
    ///
    /// One a call, so that what it does may put in and cancel timers, also those due in the same tick.
    mutating func popDue(at tick: UInt64) -> Payload? {
        while let next = nextSlot, next.start <= tick {
            elapsed = next.start
            if next.level == 0 { return take(slots[next.slot].first) }
            cascade(next.slot)
        }
        elapsed = max(elapsed, tick)
        return nil
    }

    /// The tick at which ``popDue(at:)`` next has something to do: to fire, or to move timers down.
    var nextTick: UInt64? { nextSlot?.start }

    /// Lower levels lie wholly before higher ones, and a slot never before the current one.
    private var nextSlot: (level: Int, slot: Int, start: UInt64)? {
        if count == 0 { return nil }
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = UInt64(6 * level)
            let digit = UInt64(occupied[level].trailingZeroBitCount)
            let start = (elapsed >> (shift + 6)) << (shift + 6) | digit << shift
            return (level, level * 64 + Int(digit), start)
        }
        return nil
    }

    private mutating func cascade(_ slot: Int) {
        while slots[slot].first >= 0 {
            let index = slots[slot].first
            unlink(index)
            link(index)
        }
    }

    private mutating func take(_ index: Int32) -> Payload? {
        unlink(index)
        let payload = nodes[Int(index)].payload
        nodes[Int(index)].payload = nil
        nodes[Int(index)].generation &+= 1
        vacant.append(index)
        count -= 1
        return payload
    }

    private mutating func link(_ index: Int32) {
        let deadline = nodes[Int(index)].deadline
        let level = (63 - ((deadline ^ elapsed) | 63).leadingZeroBitCount) / 6
        let digit = Int(deadline >> UInt64(6 * level)) & 63
        let slot = level * 64 + digit
        let last = slots[slot].last
        nodes[Int(index)].slot = Int32(slot)
        nodes[Int(index)].previous = last
        nodes[Int(index)].next = -1
        if last >= 0 { nodes[Int(last)].next = index } else { slots[slot].first = index }
        slots[slot].last = index
        occupied[level] |= 1 << UInt64(digit)
    }

    private mutating func unlink(_ index: Int32) {
        let (next, previous) = (nodes[Int(index)].next, nodes[Int(index)].previous)
        let slot = Int(nodes[Int(index)].slot)
        if previous >= 0 { nodes[Int(previous)].next = next } else { slots[slot].first = next }
        if next >= 0 { nodes[Int(next)].previous = previous } else { slots[slot].last = previous }
        if slots[slot].first < 0 { occupied[slot / 64] &= ~(1 << UInt64(slot % 64)) }
    }
}
