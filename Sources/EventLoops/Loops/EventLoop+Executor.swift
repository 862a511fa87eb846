extension EventLoop {
    package func enqueue(_ job: consuming ExecutorJob) { submit(.job(UnownedJob(job))) }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func isSameExclusiveExecutionContext(other: EventLoop) -> Bool { self === other }

    /// Lets `assumeIsolated` enter an actor of this loop from a callback, where no task is running.
    package func checkIsolated() {
        precondition(isCurrent, "Code that belongs to this loop runs on another thread.")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }
}
