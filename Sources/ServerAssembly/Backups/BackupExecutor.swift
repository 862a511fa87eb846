import Dispatch

/// Where backups are put together: one after the other on a queue of their own.
///
/// Packing a room's snapshot takes a core for tenths of a second. On the threads that all tasks share, the news of other
/// servers would wait behind it.
final class BackupExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "rooms.backups", qos: .utility)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
