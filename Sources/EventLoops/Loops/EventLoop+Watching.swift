import CLinux
import Glibc

extension EventLoop {
    /// Reports `descriptor`'s readiness to `watcher` until ``unwatch(_:_:)`` or ``forget(_:)`` of the returned token.
    func watch(_ descriptor: Int32, for events: UInt32, _ watcher: any Watcher) throws(LoopFault) -> UInt64 {
        precondition(isCurrent, "A descriptor is watched by the loop's own thread.")
        guard epoll >= 0, !isStopping else { throw .stopped }
        let token = watches.insert(watcher)
        guard clinux_epoll_add(epoll, descriptor, events, token) == 0 else {
            let code = errno
            watches.remove(token)
            throw .system(call: "epoll_ctl", errno: code)
        }
        return token
    }

    /// Stops watching a descriptor that stays open.
    func unwatch(_ descriptor: Int32, _ token: UInt64) {
        if epoll >= 0 { _ = clinux_epoll_remove(epoll, descriptor) }
        watches.remove(token)
    }

    /// Forgets a descriptor that is about to be closed; the kernel drops it from epoll by itself.
    func forget(_ token: UInt64) { watches.remove(token) }
}
