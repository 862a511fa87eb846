import Dispatch
import EmbeddedStorage
import RoomCore
import RoomStorage
import Synchronization
import Testing

@Suite struct InProcessLiveRoomsTests {
    @Test func aListenerThatFallsBehindHearsThatItMissedSomething() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero }, newsLimit: 20)
        let gate = DispatchSemaphore(value: 0)
        let heard = Mutex<[LiveNews]>([])
        let (stream, end) = AsyncStream<Void>.makeStream()
        let listener = await rooms.listen(as: ServerID("there")) { news in
            gate.wait()
            heard.withLock { $0.append(news) }
            gate.signal()
            if news == .order([0]) { end.finish() }
        }
        for number in 1...100 { rooms.broadcast([UInt8(number)], from: ServerID("here")) }
        rooms.broadcast([0], from: ServerID("here"))
        gate.signal()
        for await _ in stream {}
        let all = heard.withLock { $0 }
        #expect(all.contains(.interrupted))
        #expect(all.count < 100)
        #expect(all.last == .order([0]))
        listener.cancel()
    }

    @Test func aSlowListenerDoesNotHoldUpAnother() async {
        let rooms = InProcessLiveRooms(elapsed: { .zero })
        let gate = DispatchSemaphore(value: 0)
        let slow = await rooms.listen(as: ServerID("slow")) { _ in gate.wait() }
        let (stream, heard) = AsyncStream<LiveNews>.makeStream()
        let quick = await rooms.listen(as: ServerID("quick")) { heard.yield($0) }
        rooms.broadcast([1], from: ServerID("here"))
        let first = await stream.first { _ in true }
        #expect(first == .order([1]))
        gate.signal()
        slow.cancel()
        quick.cancel()
    }

    @Test func handoversHoldNoMoreThanTheirLimit() async throws {
        let store = InProcessHandovers(elapsed: { .zero }, byteLimit: 100)
        let key = HandoverKey(kind: "k", name: "n")
        try await store.put([UInt8](repeating: 1, count: 90), at: key, for: .seconds(1))
        await #expect(throws: StoreError.self) {
            try await store.append([UInt8](repeating: 1, count: 11), to: key, limit: 1, for: .seconds(1))
        }
        _ = try await store.take(key)
        for _ in 1...50 {
            _ = try await store.append([UInt8](repeating: 1, count: 40), to: key, limit: 1, for: .seconds(1))
        }
    }
}
