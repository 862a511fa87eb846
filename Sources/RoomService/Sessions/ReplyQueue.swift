/// Keeps the replies of one socket in the order of its requests, however they come to be ready.
///
///     open → slot 7   open → slot 8 (a read)   fill 7   →   7 goes out, 8 is answered now and goes out
///
/// A read waits behind the writes before it and is answered when they are, so it always sees them.
struct ReplyQueue<Deferred> {
    typealias Number = Int

    private enum Slot {
        case waiting
        case filled([UInt8])
        case deferred(Deferred)
    }

    enum Ready {
        case frame([UInt8])
        /// The slot waits again until it is filled.
        case deferred(Number, Deferred)
    }

    private var slots: [Slot] = []
    private var head = 0
    /// The number of `slots[head]`.
    private var firstNumber = 0

    var count: Int { slots.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func open() -> Number {
        slots.append(.waiting)
        return firstNumber + count - 1
    }

    mutating func open(deferring deferred: Deferred) {
        slots.append(.deferred(deferred))
    }

    mutating func fill(_ number: Number, with frame: [UInt8]) {
        let index = head + number - firstNumber
        guard index >= head, index < slots.count, case .waiting = slots[index] else { return }
        slots[index] = .filled(frame)
    }

    /// What can go out now, from the front; nil when the front waits.
    mutating func next() -> Ready? {
        guard head < slots.count else { return nil }
        switch slots[head] {
        case .waiting: return nil
        case .filled(let frame):
            removeFirst()
            return .frame(frame)
        case .deferred(let deferred):
            slots[head] = .waiting
            return .deferred(firstNumber, deferred)
        }
    }

    private mutating func removeFirst() {
        // The frame may be a megabyte: it is let go of now, its place later.
        slots[head] = .waiting
        head += 1
        firstNumber += 1
        guard head == slots.count || head >= 64 else { return }
        slots.removeFirst(head)
        head = 0
    }
}
