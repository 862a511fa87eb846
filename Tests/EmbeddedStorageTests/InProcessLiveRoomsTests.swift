import Dispatch
import EmbeddedStorage
import RoomCore
import RoomStorage
import Synchronization
import Testing

@Suite struct InProcessLiveRoomsTests {
    @Test func aListenerThatFallsBehindHearsThatItWasInterrupted() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero }, newsLimit: 20)
        let gate = DispatchSemaphore(value: 0)
        let heard = Mutex<[LiveNews]>([])
        let (stream, end) = AsyncStream<Void>.makeStream()
        let last = commit(99, from: 0)
        let listener = await rooms.listen(as: ServerID("there")) { news in
            gate.wait()
            heard.withLock { $0.append(news) }
            gate.signal()
            if news == .committed(last.notice) { end.finish() }
        }
        let other = await rooms.listen(as: ServerID("here")) { _ in }
        for room in [1, 99] { await rooms.follow(roomID(room), as: ServerID("there")) }
        for base in 0..<100 { rooms.announce(commit(1, from: base)) }
        rooms.announce(last)
        gate.signal()
        for await _ in stream {}
        let news = heard.withLock { $0 }
        #expect(news.contains(.interrupted))
        #expect(news.count < 100)
        // What comes after the interruption is complete.
        let after = news[(news.lastIndex(of: .interrupted) ?? 0)...].dropFirst()
        let revisions = after.compactMap { news in
            if case .committed(let notice) = news, notice.room == roomID(1) { notice.revision.number } else { nil }
        }
        #expect(revisions == Array((revisions.first ?? 101)..<101))
        listener.cancel()
        other.cancel()
    }

    @Test func aSlowListenerDoesNotHoldUpAnother() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero })
        let gate = DispatchSemaphore(value: 0)
        let slow = await rooms.listen(as: ServerID("slow")) { _ in gate.wait() }
        let (stream, heard) = AsyncStream<LiveNews>.makeStream()
        let quick = await rooms.listen(as: ServerID("quick")) { heard.yield($0) }
        for server in ["slow", "quick"] { await rooms.follow(roomID(1), as: ServerID(server)) }
        rooms.announce(commit(1, from: 0))
        let first = await stream.first { _ in true }
        #expect(first == .committed(commit(1, from: 0).notice))
        gate.signal()
        slow.cancel()
        quick.cancel()
    }

    @Test func aServerAloneKeepsNoSecondCopy() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero })
        let listener = await rooms.listen(as: ServerID("here")) { _ in }
        rooms.store(LiveManifest(room: roomID(1), epoch: epoch, revision: Revision(0), fields: []))
        #expect(await rooms.manifest(of: roomID(1)) == nil)
        listener.cancel()
    }

    private func commit(_ room: Int, from base: Int) -> LiveCommit {
        let notice = RoomNotice(
            server: ServerID("here"), room: roomID(room), epoch: epoch, base: Revision(base),
            revision: Revision(base + 1), changes: [])
        return LiveCommit(notice: notice, fields: [])
    }
}
