import RedisStorage
import RoomStorage
import StorageConformance
import Testing

/// Every duty of the ports that are shared by servers, kept by a real Redis.
@Suite(.enabled(if: TestRedis.plain != nil, "set SLEAP_ROOMS_TEST_REDIS: deploy/servers start DIR redis"))
struct RedisConformanceTests {
    @Test(arguments: LiveRoomsDuties.all)
    func redisKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        let url = try #require(TestRedis.plain)
        let here = try await RedisLiveRooms.open(url: url)
        let there = try await RedisLiveRooms.open(url: url)
        #expect(here.state == .reachable)
        try await duty.check(LiveRoomsUnderTest(here: here, there: there) { try await Task.sleep(for: $0) })
        await here.close()
        await there.close()
    }

    @Test(arguments: HandoverDuties.all)
    func redisKeepsHandovers(_ duty: Duty<HandoversUnderTest>) async throws {
        let rooms = try await RedisLiveRooms.open(url: try #require(TestRedis.plain))
        try await duty.check(
            HandoversUnderTest(store: RedisHandovers(sharing: rooms)) { try await Task.sleep(for: $0) })
        await rooms.close()
    }
}
