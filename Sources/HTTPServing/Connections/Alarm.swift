import EventLoops

/// A deadline that is moved often and reached seldom.
///
/// To move it later costs one store: the timer that is set finds out when it rings, and sets itself anew.
struct Alarm {
    fileprivate(set) var due = UInt64.max
    fileprivate var armed = UInt64.max
    fileprivate var timer: LoopTimer?
}

/// Something with one deadline, in nanoseconds of its loop's clock.
protocol AlarmBearer: AnyObject {
    var alarm: Alarm { get set }
    var loop: EventLoop { get }
    func alarmRang()
}

extension AlarmBearer {
    func setAlarm(at due: UInt64) {
        alarm.due = due
        guard due < alarm.armed else { return }
        alarm.timer?.cancel()
        alarm.armed = due
        alarm.timer = loop.schedule(after: .nanoseconds(due - min(due, loop.now))) { self.timerFired() }
    }

    func setAlarm(after delay: Duration) { setAlarm(at: loop.now + delay.wholeNanoseconds) }

    func clearAlarm() { alarm.due = .max }

    /// Lets go of the timer, which holds the bearer.
    func cancelAlarm() {
        alarm.timer?.cancel()
        alarm = Alarm()
    }

    private func timerFired() {
        let due = alarm.due
        alarm = Alarm()
        if due == .max { return }
        if due > loop.now { return setAlarm(at: due) }
        alarmRang()
    }
}
