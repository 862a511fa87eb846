import RoomCore
import RoomStorage
import Synchronization

/// One set of live rooms as two servers see it, and a way to let time pass.
package struct LiveRoomsUnderTest: Sendable {
    let here: any LiveRooms
    let there: any LiveRooms
    let pass: @Sendable (Duration) async throws -> Void
    let hereID = ServerID("here-\(uniqueHex())")
    let thereID = ServerID("there-\(uniqueHex())")

    /// - Parameter here: what one server uses.
    /// - Parameter there: what another uses; for live rooms in process the same.
    /// - Parameter pass: returns when so much time has passed for leases; a clock of the test's own need not wait.
    package init(
        here: any LiveRooms, there: any LiveRooms, pass: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.here = here
        self.there = there
        self.pass = pass
    }
}

/// Collects what a listener hears; asking for more than comes fails instead of waiting forever.
final class Inbox: Sendable {
    private let stream: AsyncStream<RoomNotice>
    private let continuation: AsyncStream<RoomNotice>.Continuation
    private let heard = Mutex<[RoomNotice]>([])

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func hear(_ notice: RoomNotice) {
        heard.withLock { $0.append(notice) }
        continuation.yield(notice)
    }

    var all: [RoomNotice] { heard.withLock { $0 } }

    /// Waits until `isEnough` holds for all that was heard, or ten seconds.
    func wait(until isEnough: @escaping @Sendable ([RoomNotice]) -> Bool) async -> [RoomNotice] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                if isEnough(self.all) { return }
                for await _ in self.stream where isEnough(self.all) { return }
            }
            group.addTask { try? await Task.sleep(for: .seconds(10)) }
            await group.next()
            group.cancelAll()
        }
        return all
    }
}
