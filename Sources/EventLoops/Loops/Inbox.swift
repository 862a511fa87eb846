import Synchronization

/// One piece of work handed to a loop: a closure, or a job of an actor that lives there.
enum LoopWork: Sendable {
    case call(@Sendable () -> Void)
    case job(UnownedJob)
}

/// The door through which other threads reach a loop: a list under a lock, and whether anyone needs to knock.
///
/// The loop says it is asleep only under the lock and only when the list is empty, so that the first work put in
/// after that, and no other, has to write to the eventfd.
struct Inbox: ~Copyable {
    enum Receipt {
        case queued
        case queuedWhileAsleep
        case closed
    }

    struct Contents {
        var work: ContiguousArray<LoopWork> = []
        var isAsleep = false
        var isClosed = false
    }

    private let contents = Mutex(Contents())

    func put(_ work: LoopWork) -> Receipt {
        contents.withLock { contents in
            if contents.isClosed { return .closed }
            contents.work.append(work)
            if !contents.isAsleep { return .queued }
            contents.isAsleep = false
            return .queuedWhileAsleep
        }
    }

    /// Swaps the waiting work with the empty `batch`, whose storage is thereby used again.
    func take(into batch: inout ContiguousArray<LoopWork>) {
        contents.withLock { contents in
            contents.isAsleep = false
            swap(&contents.work, &batch)
        }
    }

    /// True if nothing waits: from now on whoever puts work in has to wake the loop.
    func fallAsleep() -> Bool {
        contents.withLock { contents in
            contents.isAsleep = contents.work.isEmpty
            return contents.isAsleep
        }
    }

    /// Takes the last work and refuses all that comes later.
    func close(into batch: inout ContiguousArray<LoopWork>) {
        contents.withLock { contents in
            contents.isClosed = true
            swap(&contents.work, &batch)
        }
    }
}
