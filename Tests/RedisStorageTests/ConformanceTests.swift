import StorageConformance
import Testing

@testable import RedisStorage

/// Every duty of live rooms and hand-overs, kept by one Redis, by one with TLS and a password, by a master behind a
/// sentinel, and by a cluster.
@Suite(.serialized) struct ConformanceTests {
    @Test(.enabled(if: TestServers.variable("REDIS") != nil), arguments: LiveRoomsDuties.all)
    func oneServerKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        try await duty.check(try await TestServers.pair("REDIS"))
    }

    @Test(.enabled(if: TestServers.variable("REDIS_TLS") != nil), arguments: LiveRoomsDuties.all)
    func aServerWithTLSKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        try await duty.check(try await TestServers.pair("REDIS_TLS"))
    }

    @Test(.enabled(if: TestServers.variable("REDIS_SENTINEL") != nil), arguments: LiveRoomsDuties.all)
    func aMasterBehindASentinelKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        try await duty.check(try await TestServers.pair("REDIS_SENTINEL"))
    }

    @Test(.enabled(if: TestServers.variable("REDIS_CLUSTER") != nil), arguments: LiveRoomsDuties.all)
    func aClusterKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        try await duty.check(try await TestServers.pair("REDIS_CLUSTER"))
    }

    @Test(.enabled(if: TestServers.variable("REDIS") != nil), arguments: HandoverDuties.all)
    func oneServerKeepsHandovers(_ duty: Duty<HandoversUnderTest>) async throws {
        try await keep(duty, in: try await TestServers.open("REDIS"))
    }

    @Test(.enabled(if: TestServers.variable("REDIS_CLUSTER") != nil), arguments: HandoverDuties.all)
    func aClusterKeepsHandovers(_ duty: Duty<HandoversUnderTest>) async throws {
        try await keep(duty, in: try await TestServers.open("REDIS_CLUSTER"))
    }

    private func keep(_ duty: Duty<HandoversUnderTest>, in rooms: RedisLiveRooms) async throws {
        try await duty.check(HandoversUnderTest(RedisHandovers(in: rooms)) { try await Task.sleep(for: $0) })
    }
}
