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

extension LiveRoomsUnderTest {
    func newRoom() -> RoomID { RoomID(trusted: uniqueHex()) }

    /// A listener of one server with what it heard.
    func listen(
        on rooms: any LiveRooms, as server: ServerID, following: [RoomID] = [], orders: [[UInt8]] = []
    ) async -> (Inbox, LiveListener) {
        let inbox = Inbox(orders: orders)
        let listener = await rooms.listen(as: server, hear: inbox.hear)
        for room in following { await rooms.follow(room, as: server) }
        return (inbox, listener)
    }

    func commit(
        _ room: RoomID, _ revision: Int, after base: Int? = nil, epoch: Epoch = Epoch(trusted: "e1"),
        fields: [LiveField] = [], from server: ServerID? = nil
    ) -> LiveCommit {
        let base = base ?? revision - 1
        let changes = (base..<revision).map { change($0 + 1) }
        return LiveCommit(
            notice: RoomNotice(
                server: server ?? hereID, room: room, epoch: epoch, base: Revision(base),
                revision: Revision(revision), changes: changes),
            fields: fields)
    }

    func change(_ revision: Int) -> [UInt8] { Array("{\"revision\":\(revision)}\r\n\0".utf8) }

    func manifest(
        _ room: RoomID, _ revision: Int, epoch: Epoch = Epoch(trusted: "e1"), fields: [LiveField] = []
    ) -> LiveManifest {
        LiveManifest(room: room, epoch: epoch, revision: Revision(revision), fields: fields)
    }

    func peer(
        _ name: String, in room: RoomID, of server: ServerID, session: String = "s", at second: Int64 = 1_700_000_000,
        worker: WorkerName? = nil
    ) -> PresentPeer {
        PresentPeer(
            room: room, peer: PeerID(trusted: name), server: server, session: session, owner: "user:\(name)",
            role: worker == nil ? .client : .worker, worker: worker, connectedAt: Timestamp(seconds: second),
            card: Array("{\"tags\":[\"\(name)\"]}".utf8) + [0, 13, 10, 255])
    }
}

extension LiveField {
    init(_ name: String, _ text: String) { self.init(name: name, value: Array(text.utf8)) }
}

extension LiveManifest {
    /// The same for comparing: fields have no order.
    var inOrder: LiveManifest {
        LiveManifest(room: room, epoch: epoch, revision: revision, fields: fields.sorted { $0.name < $1.name })
    }
}

/// Collects what a listener hears; asking for more than comes fails instead of waiting forever.
final class Inbox: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let heard = Mutex<[LiveNews]>([])

    /// The orders that are collected; nil for all.
    private let orders: [[UInt8]]?

    /// - Parameter orders: those of other checks reach everybody, so a check that runs beside them names its own.
    init(orders: [[UInt8]]? = nil) {
        self.orders = orders
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func hear(_ news: LiveNews) {
        if case .order(let order) = news, orders?.contains(order) == false { return }
        heard.withLock { $0.append(news) }
        continuation.yield()
    }

    var all: [LiveNews] { heard.withLock { $0 } }

    /// Waits until `isEnough` holds for all that was heard, or ten seconds.
    func wait(until isEnough: @escaping @Sendable ([LiveNews]) -> Bool) async -> [LiveNews] {
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

    /// Waits for one piece of news; whether it came.
    func hears(_ news: LiveNews) async -> Bool { await wait { $0.contains(news) }.contains(news) }
}

/// The answer to one routed frame.
func isDelivered(_ frame: RoutedFrame, by rooms: any LiveRooms) async -> Bool {
    await withCheckedContinuation { continuation in rooms.route(frame) { continuation.resume(returning: $0) } }
}
