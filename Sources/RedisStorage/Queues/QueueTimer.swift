import Dispatch

/// Time and timers of a queue; a timer ends with its object.
final class QueueTimer {
    private let source: any DispatchSourceTimer

    init(every interval: Duration, on queue: DispatchQueue, _ fire: @escaping () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        let step = DispatchTimeInterval.milliseconds(Int(interval / .milliseconds(1)))
        source.schedule(deadline: .now() + step, repeating: step, leeway: .milliseconds(20))
        source.setEventHandler(handler: fire)
        source.activate()
    }

    init(after delay: Duration, on queue: DispatchQueue, _ fire: @escaping () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.schedule(deadline: .now() + .milliseconds(Int(delay / .milliseconds(1))))
        source.setEventHandler(handler: fire)
        source.activate()
    }

    deinit { source.cancel() }

    /// Time since some fixed moment; it never falls.
    static var now: Duration { .nanoseconds(Int64(clamping: DispatchTime.now().uptimeNanoseconds)) }
}
