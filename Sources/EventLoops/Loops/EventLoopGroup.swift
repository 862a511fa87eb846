import Glibc
import Synchronization

/// The loops of one server, usually one a core.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    private init(loops: [EventLoop]) { self.loops = loops }

    /// The processors that are online now.
    package static var onlineCores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// `count` running loops called `label-0`, `label-1` and so on; all or none.
    package static func start(
        count: Int = onlineCores, label: String = "loop", tick: Duration = .milliseconds(10)
    ) throws(LoopFault) -> EventLoopGroup {
        precondition(count > 0, "A group has at least one loop.")
        var loops: [EventLoop] = []
        do throws(LoopFault) {
            for number in 0..<count { loops.append(try EventLoop.start(label: "\(label)-\(number)", tick: tick)) }
        } catch {
            for loop in loops { loop.stop() }
            throw error
        }
        return EventLoopGroup(loops: loops)
    }

    /// The loops in turn.
    package func next() -> EventLoop {
        let (number, _) = turn.wrappingAdd(1, ordering: .relaxed)
        return loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
    }

    package func loop(at index: Int) -> EventLoop { loops[index] }

    package func stop() { for loop in loops { loop.stop() } }

    /// Returns once every loop has ended.
    package func stopped() async { for loop in loops { await loop.stopped() } }
}
