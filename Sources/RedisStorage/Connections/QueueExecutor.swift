import Dispatch

/// Runs actors on one serial Dispatch queue, where the readiness of sockets is told as well.
///
/// Actors that share an executor may call each other with `assumeIsolated`: no hop, no wait.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
