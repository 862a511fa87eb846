import Dispatch
import EmbeddedStorage
import RoomCore
import RoomStorage
import Synchronization
import Testing

@Suite struct InProcessLiveRoomsTests {
    @Test func aListenerThatFallsBehindStillHearsTheLastOfEveryRoom() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero }, noticeLimit: 20)
        let gate = DispatchSemaphore(value: 0)
        let heard = Mutex<[RoomNotice]>([])
        let (stream, end) = AsyncStream<Void>.makeStream()
        let listener = await rooms.listen(as: ServerID("there")) { notice in
            gate.wait()
            heard.withLock { $0.append(notice) }
            gate.signal()
            if notice.room == roomID(99) { end.finish() }
        }
        for revision in 1...100 {
            for room in 0..<3 { await rooms.announce(notice(room, revision)) }
        }
        await rooms.announce(notice(99, 1))
        gate.signal()
        for await _ in stream {}
        for room in 0..<3 {
            let revisions = heard.withLock { $0 }.filter { $0.room == roomID(room) }.map(\.revision.number)
            #expect(revisions.last == 100)
            #expect(revisions == revisions.sorted())
            #expect(revisions.count < 100)
        }
        listener.cancel()
    }

    @Test func aSlowListenerDoesNotHoldUpAnother() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero })
        let gate = DispatchSemaphore(value: 0)
        let slow = await rooms.listen(as: ServerID("slow")) { _ in gate.wait() }
        let (stream, heard) = AsyncStream<RoomNotice>.makeStream()
        let quick = await rooms.listen(as: ServerID("quick")) { heard.yield($0) }
        await rooms.announce(notice(1, 1))
        let first = await stream.first { _ in true }
        #expect(first == notice(1, 1))
        gate.signal()
        slow.cancel()
        quick.cancel()
    }

    private func notice(_ room: Int, _ revision: Int) -> RoomNotice {
        RoomNotice(server: ServerID("here"), room: roomID(room), epoch: epoch, revision: Revision(revision))
    }
}
