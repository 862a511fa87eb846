import EmbeddedStorage
import RoomStorage
import StorageConformance
import Testing

/// Every duty of the ports that are shared by servers, kept within one process.
@Suite struct LiveConformanceTests {
    @Test(arguments: LiveRoomsDuties.all)
    func processKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        let clock = HandClock()
        let rooms = InProcessLiveRooms(elapsed: { clock.elapsed })
        try await duty.check(LiveRoomsUnderTest(here: rooms, there: rooms) { clock.advance(by: $0) })
    }

    @Test(arguments: HandoverDuties.all)
    func processKeepsHandovers(_ duty: Duty<HandoversUnderTest>) async throws {
        let clock = HandClock()
        let store = InProcessHandovers(elapsed: { clock.elapsed })
        try await duty.check(HandoversUnderTest(store: store) { clock.advance(by: $0) })
    }

    @Test func handoversTakeNoMoreThanTheirLimitAndGiveItBack() async throws {
        let clock = HandClock()
        let store = InProcessHandovers(elapsed: { clock.elapsed }, limit: 10_000)
        let item = [UInt8](repeating: 1, count: 1_000)
        for number in 0..<4 {
            try await store.put(item, at: HandoverKey(kind: "k", name: "\(number)"), for: .seconds(5))
            _ = try await store.append(item, to: HandoverKey(kind: "k", name: "b"), limit: 4, for: .seconds(5))
        }
        await #expect(throws: StoreError.self) {
            try await store.put(item, at: HandoverKey(kind: "k", name: "one more"), for: .seconds(5))
        }
        clock.advance(by: .seconds(6))
        for number in 0..<8 {
            try await store.put(item, at: HandoverKey(kind: "k", name: "later \(number)"), for: .seconds(5))
        }
    }
}
